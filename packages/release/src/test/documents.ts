import { type Document, parseDocument } from '../json/document.js';

/** A file of the workspace with a JSON text. */
export function documentOf(file: string, json: unknown): Document {
  const text = typeof json === 'string' ? json : JSON.stringify(json, undefined, 2);
  return parseDocument(file, new TextEncoder().encode(text));
}

/** The JSON of a `release.json` that is accepted. */
export const validManifest = {
  kind: 'image',
  releaseTagPrefix: 'teleport-email',
  image: {
    repository: 'teleport-plugin-email',
    title: 'Access requests by e-mail',
    description: 'Notifies people of access requests by e-mail',
    platforms: ['linux/amd64', 'linux/arm64'],
    floatingTags: ['major', 'minor', 'latest'],
    user: '65532:65532',
    exposedPorts: [8080],
    arguments: ['--config', '/etc/teleport-plugin-email.toml'],
    catalog: { about: '# E-mail\n\nNotifies people.', usage: 'docker run …' },
  },
};

export const validPackage = { name: '@teleport-plugins/plugin-email', version: '9.3.7' };

/** The JSON of a `release.config.json` that is accepted. */
export const validConfig = {
  source: 'https://github.com/acme/plugins',
  defaultEnvironment: 'local',
  environments: {
    local: {
      registries: {
        staging: { embedded: '.release/registries/staging', port: 5001, namespace: 'acme' },
        public: { embedded: '.release/registries/public', port: 5002, namespace: 'acme' },
      },
      base: 'host',
    },
    production: {
      protected: true,
      registries: { staging: 'staging.example.com/acme', public: 'public.example.com/acme' },
      base: '${RELEASE_BASE_IMAGE}',
      aws: {
        account: '123456789012',
        roles: {
          write: 'arn:aws:iam::123456789012:role/release/engineer',
          read: '${READER}',
        },
        session: {
          durationSeconds: 1800,
          externalId: '${EXTERNAL_ID}',
          sourceIdentity: true,
          tags: { project: 'plugins' },
        },
        repositories: { create: true, scanOnPush: false, encryption: 'KMS' },
      },
    },
  },
};
