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

/** The JSON of a `release.json` of a provider that is accepted. */
export const validProvider = {
  kind: 'terraform-provider',
  releaseTagPrefix: 'terraform-provider-teleport',
  provider: {
    namespace: 'gravitational',
    type: 'teleport',
    title: 'Teleport provider',
    description: 'Manages resources of Teleport',
    protocols: ['6.0'],
    platforms: ['linux_amd64', 'linux_arm64', 'darwin_arm64', 'windows_386', 'freebsd_arm'],
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
      artifacts: 'file:.release/artifacts',
      terraform: {
        staging: {
          host: 'tf-staging.example.com',
          store: 'file:.release/terraform/staging',
          port: 5003,
          signingKeys: ['throwaway'],
        },
        production: {
          host: 'tf.example.com',
          store: 'file:.release/terraform/production',
          port: 5004,
          signingKeys: ['throwaway'],
        },
      },
    },
    production: {
      protected: true,
      registries: { staging: 'staging.example.com/acme', public: 'public.example.com/acme' },
      base: '${RELEASE_BASE_IMAGE}',
      aws: {
        account: '123456789012',
        region: 'us-west-2',
        roles: {
          write: 'arn:aws:iam::123456789012:role/release/engineer',
          read: '${READER}',
        },
        accessKeys: {
          registries: { idVariable: 'IMAGES_KEY', secretVariable: 'IMAGES_SECRET' },
          terraform: {
            staging: { idVariable: 'STAGING_ID', secretVariable: 'STAGING_SECRET' },
            production: {
              idVariable: 'PRODUCTION_ID',
              secretVariable: 'PRODUCTION_SECRET',
              role: '${PRODUCTION_ROLE}',
              region: 'eu-west-1',
            },
          },
        },
        session: {
          durationSeconds: 1800,
          externalId: '${EXTERNAL_ID}',
          sourceIdentity: true,
          tags: { project: 'plugins' },
        },
        repositories: { create: true, scanOnPush: false, encryption: 'KMS' },
      },
      artifacts: 's3://${ARTIFACTS}/plugins',
      terraform: {
        staging: {
          host: 'tf-staging.example.com',
          store: 's3://tf-staging',
          signingKeys: [{ variable: 'STAGING_KEY' }],
        },
        production: {
          host: 'tf.example.com',
          store: 's3://${PRODUCTION}',
          signingKeys: [
            { variable: 'PRODUCTION_KEY', passphraseVariable: 'PRODUCTION_PASSPHRASE' },
            { file: '/run/secrets/key.asc' },
          ],
        },
      },
    },
  },
};
