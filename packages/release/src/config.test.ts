import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { loadReleaseConfig, releaseConfigOf } from './config.js';
import { documentOf, validConfig } from './test/documents.js';
import { refusalOf } from './test/failure-of.js';

const read = (config: unknown) =>
  releaseConfigOf(documentOf('release.config.json', config), '/workspace', {});
const { local, production } = validConfig.environments;
const withLocal = (changes: object) => ({
  ...validConfig,
  environments: { local: { ...local, ...changes } },
});

test('a configuration has a source, a default and named environments', () => {
  const config = read(validConfig);
  expect(config.source).toBe('https://github.com/acme/plugins');
  expect(config.defaultEnvironment).toBe('local');
  expect(config.environments).toEqual(['local', 'production']);
  expect(config.environment().name).toBe('local');
  expect(config.environment('production')).toMatchObject({ name: 'production', protected: true });
  expect(config.environment('local').protected).toBe(false);
});

test.each([
  ['prod', ' (did you mean "production"?)'],
  ['', ''],
  ['__proto__', ''],
])('the environment %j is unknown', (name, hint) => {
  expect(refusalOf(() => read(validConfig).environment(name))).toEqual([
    'environment-unknown',
    `there is no environment "${name}" in release.config.json, which has local and production${hint}`,
  ]);
});

test('a wrong value is told with its line, column, key and what was expected', () => {
  const text = `{
  "source": "git@github.com:acme/plugins",
  "defaultEnvironment": "locl",
  "environments": {
    "local": {
      "registries": {
        "staging": { "embedded": "/var/registry", "port": 0, "namespace": "Acme", "tls": true },
        "public": "docker.io"
      },
      "base": "node:22"
    },
    "Production": {},
    "local": {}
  }
}`;
  const [code, message] = refusalOf(() => read(text)) ?? [];
  expect(code).toBe('config-invalid');
  const remote =
    'expected a registry with a namespace, such as "public.ecr.aws/gravitational" or "127.0.0.1:5000/acme"';
  expect(message?.split('\n')).toEqual(
    [
      '2:13: source: expected the https address of the sources, such as "https://github.com/gravitational/teleport-plugins", found "***@github.com:acme/plugins"',
      '7:34: environments.local.registries.staging.embedded: expected a folder of the workspace such as ".release/registries/staging", found "/var/registry"',
      '7:59: environments.local.registries.staging.port: expected a port between 1 and 65535, found 0',
      '7:75: environments.local.registries.staging.namespace: expected a namespace such as "gravitational", found "Acme"',
      '7:83: environments.local.registries.staging.tls: unknown key; known are embedded, port and namespace',
      `8:19: environments.local.registries.public: ${remote}, found "docker.io"`,
      '10:15: environments.local.base: expected "host" or an image with its digest, such as "docker.io/library/node:22-slim@sha256:…", found "node:22"',
      '12:19: environments.Production: expected the name of an environment in lower-case letters, digits and "-" as the key, found "Production"',
      '13:5: environments.local: is written twice',
    ].map((line) => `release.config.json:${line}`),
  );
});

test.each([
  [{ ...validConfig, environments: {} }, 'environments: expected environments by name, found none'],
  [
    { ...validConfig, defaultEnvironment: 'locl' },
    '3:25: defaultEnvironment: expected one of the environments, found "locl" (did you mean "local"?)',
  ],
  [
    { ...validConfig, defaultEnvironment: 'production' },
    '3:25: defaultEnvironment: expected an environment that is not protected, found "production"',
  ],
  [
    withLocal({
      registries: {
        ...local.registries,
        public: { ...local.registries.public, port: 5001 },
      },
    }),
    '14:19: environments.local.registries.public.port: expected another port than registries.staging has',
  ],
  [
    withLocal({ registries: { staging: local.registries.staging } }),
    'environments.local.registries.public: missing; expected a registry with a namespace',
  ],
  [
    withLocal({ registries: { ...local.registries, public: 7 } }),
    'environments.local.registries.public: expected a registry with a namespace, such as "public.ecr.aws/gravitational" or "127.0.0.1:5000/acme", or an embedded one, found 7',
  ],
  [
    withLocal({ protected: 'yes' }),
    'environments.local.protected: expected true or false, found "yes"',
  ],
  [
    withLocal({ base: '${NOT CLOSED' }),
    'environments.local.base: expected variables as ${NAME}, found "${NOT CLOSED"',
  ],
  [{ environments: validConfig.environments }, 'source: missing; expected the https address'],
])('a configuration like %j is refused', (config, message) => {
  expect(refusalOf(() => read(config))).toEqual([
    'config-invalid',
    expect.stringContaining(message),
  ]);
});

test.each(['..', '../x', 'a/../../x', '.', './', '', '/abs', 'a\0b'])(
  'an embedded registry in %j would be outside of the workspace',
  (embedded) => {
    const staging = { ...local.registries.staging, embedded };
    const config = withLocal({ registries: { ...local.registries, staging } });
    expect(refusalOf(() => read(config))?.[1]).toContain(
      'registries.staging.embedded: expected a folder of the workspace',
    );
  },
);

test('an environment that is not used needs no variables', () => {
  const config = {
    ...validConfig,
    environments: { local, production: { ...production, base: '${A}/${B}' } },
  };
  expect(read(config).environment('production').protected).toBe(true);
});

test('the file is read from the root of the workspace', async () => {
  const root = await temporaryDirectory();
  await expect(loadReleaseConfig(root, {})).rejects.toThrow(
    'release.config.json: not found; it declares the environments of a release (packages/release/schemas/release.config.schema.json)',
  );
  await writeFile(join(root, 'release.config.json'), JSON.stringify(validConfig));
  const config = await loadReleaseConfig(root, {});
  expect(config.environment('local').registry('staging')).toEqual({
    kind: 'embedded',
    directory: join(root, '.release/registries/staging'),
    port: 5001,
    namespace: 'acme',
  });
});
