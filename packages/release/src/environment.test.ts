import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { releaseConfigOf } from './config.js';
import type { Environment, RegistryRole } from './environment.js';
import type { Variables } from './setting.js';
import { documentOf, validConfig } from './test/documents.js';
import { failureOf, refusalOf } from './test/failure-of.js';

const digest = `sha256:${'ab'.repeat(32)}`;
const baseExpected =
  'expected "host" or an image with its digest, such as "docker.io/library/node:22-slim@sha256:…"';
const remoteExpected =
  'expected a registry with a namespace, such as "public.ecr.aws/gravitational" or "127.0.0.1:5000/acme"';

function environment(name: string, variables: Variables): Environment {
  const document = documentOf('release.config.json', validConfig);
  return releaseConfigOf(document, '/workspace', variables).environment(name);
}

function declaring(registries: Record<RegistryRole, unknown>, variables: Variables): Environment {
  const config = {
    ...validConfig,
    // The first, so that no other one moves it to another line.
    environments: { other: { registries, base: 'host' }, ...validConfig.environments },
  };
  const document = documentOf('release.config.json', config);
  return releaseConfigOf(document, '/workspace', variables).environment('other');
}

test('local has embedded registries below the workspace, and the base of the machine', () => {
  const local = environment('local', {});
  expect(local.registry('public')).toEqual({
    kind: 'embedded',
    directory: '/workspace/.release/registries/public',
    port: 5002,
    namespace: 'acme',
  });
  expect(local.base()).toEqual({ kind: 'host' });
});

test('a remote registry speaks https', () => {
  expect(environment('production', {}).registry('staging')).toEqual({
    kind: 'remote',
    host: 'staging.example.com',
    scheme: 'https',
    namespace: 'acme',
  });
});

describe('a variable in a value', () => {
  test('is read when the value is used', () => {
    const production = environment('production', {
      RELEASE_BASE_IMAGE: `docker.io/library/node:22@${digest}`,
    });
    expect(production.base()).toEqual({
      kind: 'image',
      reference: { registry: 'docker.io', repository: 'library/node', tag: '22', digest },
    });
  });

  test.each([
    [{}, 'not set'],
    [{ HOST: '' }, 'empty'],
    [{ HOST: undefined }, 'not set'],
  ])('that is missing (%j) is told with environment, key and variable', (variables, state) => {
    const other = declaring({ staging: '${HOST}/acme', public: 'b.example/acme' }, variables);
    expect(refusalOf(() => other.registry('staging'))).toEqual([
      'variable-missing',
      `release.config.json:7:20: environments.other.registries.staging: "\${HOST}/acme" needs the variable HOST, which is ${state}; ${remoteExpected}`,
    ]);
  });

  test.each([{}, { HOST: '' }])(
    'that is missing (%j) does not matter to the other registry',
    (set) => {
      const other = declaring({ staging: '${HOST}/acme', public: 'b.example/acme' }, set);
      expect(other.registry('public')).toMatchObject({ host: 'b.example' });
    },
  );

  test('that makes the value wrong is told with what resulted', () => {
    const registries = { staging: '${HOST}/acme', public: 'b.example/acme' };
    const other = declaring(registries, { HOST: 'https://a.example' });
    expect(refusalOf(() => other.registry('staging'))).toEqual([
      'variable-invalid',
      `release.config.json:7:20: environments.other.registries.staging: ${remoteExpected}, found "https://a.example/acme" (from "\${HOST}/acme")`,
    ]);
  });

  test('is not looked for in what variables inherit', () => {
    const other = declaring({ staging: '${constructor}/acme', public: 'b.example/acme' }, {});
    expect(failureOf(() => other.registry('staging'))?.code).toBe('variable-missing');
  });

  test('is not expanded again when its value names another', () => {
    const registries = { staging: '${HOST}/acme', public: 'b.example/acme' };
    const other = declaring(registries, { HOST: '${OTHER}', OTHER: 'a.example' });
    expect(failureOf(() => other.registry('staging'))?.code).toBe('variable-invalid');
  });

  test('may be in the folder and the namespace of an embedded registry', () => {
    const staging = { embedded: '.release/${NAME}', port: 1, namespace: '${NAME}' };
    const registries = { staging, public: 'b.example/acme' };
    expect(declaring(registries, { NAME: 'x' }).registry('staging')).toMatchObject({
      directory: '/workspace/.release/x',
      namespace: 'x',
    });
    expect(failureOf(() => declaring(registries, {}).registry('staging'))?.code).toBe(
      'variable-missing',
    );
    const escaping = declaring(registries, { NAME: '../../etc' });
    expect(failureOf(() => escaping.registry('staging'))?.code).toBe('variable-invalid');
  });
});

describe('an override', () => {
  test.each([
    ['127.0.0.1:5000/acme', '127.0.0.1:5000', 'http', 'acme'],
    ['127.8.9.1:5000/acme', '127.8.9.1:5000', 'http', 'acme'],
    ['localhost/a/b', 'localhost', 'http', 'a/b'],
    ['LOCALHOST:80/a', 'localhost:80', 'http', 'a'],
    ['[::1]:5000/acme', '[::1]:5000', 'http', 'acme'],
    ['localhost.example.com/a', 'localhost.example.com', 'https', 'a'],
    ['127.0.0.1.example.com/a', '127.0.0.1.example.com', 'https', 'a'],
    ['10.0.0.1:5000/a', '10.0.0.1:5000', 'https', 'a'],
    ['Registry.Example.com/acme', 'registry.example.com', 'https', 'acme'],
  ])(
    'RELEASE_STAGING_REGISTRY=%s replaces the staging registry',
    (text, host, scheme, namespace) => {
      for (const name of ['local', 'production']) {
        const found = environment(name, { RELEASE_STAGING_REGISTRY: text }).registry('staging');
        expect(found).toEqual({ kind: 'remote', host, scheme, namespace });
      }
    },
  );

  test('of the public registry leaves staging alone', () => {
    const local = environment('local', { RELEASE_PUBLIC_REGISTRY: '127.0.0.1:5000/acme' });
    expect(local.registry('public').kind).toBe('remote');
    expect(local.registry('staging').kind).toBe('embedded');
  });

  test('of the base replaces the base', () => {
    const variables = { RELEASE_BASE_IMAGE: `127.0.0.1:5000/node@${digest}` };
    expect(environment('local', variables).base()).toMatchObject({ kind: 'image' });
    expect(environment('production', { RELEASE_BASE_IMAGE: 'host' }).base()).toEqual({
      kind: 'host',
    });
  });

  test.each([
    'registry.example.com',
    'registry/acme',
    'registry.example.com/',
    'registry.example.com/acme:latest',
    `registry.example.com/acme@${digest}`,
    'registry.example.com/Acme',
    'https://registry.example.com/acme',
    'registry.example.com:99999/acme',
    'registry.example.com /acme',
    '[::1/acme',
    '/acme',
  ])('%j is refused, naming the variable', (text) => {
    const local = environment('local', { RELEASE_PUBLIC_REGISTRY: text });
    expect(refusalOf(() => local.registry('public'))).toEqual([
      'variable-invalid',
      `RELEASE_PUBLIC_REGISTRY: ${remoteExpected}, found ${JSON.stringify(text)}`,
    ]);
  });

  test('that is empty is refused instead of releasing to where the file says', () => {
    const production = environment('production', { RELEASE_STAGING_REGISTRY: '' });
    expect(refusalOf(() => production.registry('staging'))).toEqual([
      'variable-invalid',
      `RELEASE_STAGING_REGISTRY: ${remoteExpected}, found ""; unset it to use what release.config.json says`,
    ]);
  });

  test('with a password is refused without showing it', () => {
    const local = environment('local', {
      RELEASE_STAGING_REGISTRY: 'ci:hunter2@registry.example.com/acme',
    });
    const refusal = failureOf(() => local.registry('staging'));
    expect(refusal?.message).toContain('found "***@registry.example.com/acme"');
    expect(String(refusal?.stack) + String(refusal?.cause)).not.toContain('hunter2');
  });

  test.each(['node:22', 'docker.io/library/node:22', 'docker.io/library/node@sha256:abc', 'hosts'])(
    'a base of %j is refused',
    (text) => {
      const local = environment('local', { RELEASE_BASE_IMAGE: text });
      expect(refusalOf(() => local.base())).toEqual([
        'variable-invalid',
        `RELEASE_BASE_IMAGE: ${baseExpected}, found "${text}"`,
      ]);
    },
  );
});

test('the declared registry is what the file says, whatever replaces it', () => {
  const variables = { RELEASE_STAGING_REGISTRY: '127.0.0.1:5000/x', RELEASE_PUBLIC_REGISTRY: '' };
  const production = environment('production', variables);
  expect(production.declaredRegistry('staging')).toMatchObject({ host: 'staging.example.com' });
  expect(production.declaredRegistry('public')).toMatchObject({ host: 'public.example.com' });
  const registries = { staging: '${HOST}/acme', public: 'b.example/acme' };
  expect(declaring(registries, {}).declaredRegistry('staging')).toBeUndefined();
  expect(declaring(registries, { HOST: 'a.example' }).declaredRegistry('staging')).toMatchObject({
    host: 'a.example',
  });
});

describe('staging and public as one place', () => {
  test.each([
    ['a.example/acme', 'a.example/acme'],
    ['a.example/acme', 'A.example:443/acme'],
    ['localhost:5000/acme', '127.0.0.1:5000/acme'],
    ['[::1]:5000/acme', '127.0.0.1:5000/acme'],
    ['localhost/acme', '127.0.0.1:80/acme'],
  ])('%s and %s are refused', (staging, other) => {
    const variables = { RELEASE_STAGING_REGISTRY: staging, RELEASE_PUBLIC_REGISTRY: other };
    for (const role of ['staging', 'public'] as const) {
      expect(refusalOf(() => environment('local', variables).registry(role))).toEqual([
        'config-invalid',
        expect.stringMatching(
          /^environment local: staging and public are both \S+\/acme; what is staged would be public at once, so give them different registries or namespaces$/,
        ),
      ]);
    }
  });

  test('is refused for one folder', () => {
    const embedded = (port: number, folder: string) => ({
      embedded: folder,
      port,
      namespace: 'acme',
    });
    const registries = { staging: embedded(1, '.release/x'), public: embedded(2, '.release/./x/') };
    expect(failureOf(() => declaring(registries, {}).registry('staging'))?.code).toBe(
      'config-invalid',
    );
  });

  test.each([
    ['a.example/acme', 'a.example/public'],
    ['a.example/acme', 'a.example:8443/acme'],
    ['a.example/acme', 'a.example:80/acme'],
    ['127.0.0.1:5000/acme', '127.0.0.1:5001/acme'],
  ])('is not %s and %s', (staging, other) => {
    const variables = { RELEASE_STAGING_REGISTRY: staging, RELEASE_PUBLIC_REGISTRY: other };
    expect(environment('local', variables).registry('staging').kind).toBe('remote');
  });
});

test('whatever the variables hold, only errors of this package are thrown', () => {
  const parts = fc.constantFrom(
    'a.example',
    'localhost',
    ':',
    '5000',
    '/',
    'acme',
    '@',
    digest,
    '[::1]',
    '..',
    '${A}',
    ' ',
    's3://',
    'file:',
    'bucket',
  );
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(parts, { maxLength: 6 }).map((each) => each.join('')),
  );
  fc.assert(
    fc.property(value, value, value, (staging, open, base) => {
      const variables = {
        RELEASE_STAGING_REGISTRY: staging,
        RELEASE_PUBLIC_REGISTRY: open,
        RELEASE_BASE_IMAGE: base,
        RELEASE_WRITE_ROLE: staging,
        READER: open,
        EXTERNAL_ID: base,
        RELEASE_ARTIFACTS_URL: staging,
        RELEASE_TERRAFORM_STAGING_URL: open,
        RELEASE_TERRAFORM_PRODUCTION_URL: base,
      };
      for (const name of ['local', 'production']) {
        const any = environment(name, variables);
        failureOf(() => any.registry('staging'));
        failureOf(() => any.registry('public'));
        failureOf(() => any.base());
        for (const access of ['read', 'write'] as const) failureOf(() => any.aws()?.role(access));
        failureOf(() => any.artifacts());
        for (const role of ['staging', 'production'] as const) failureOf(() => any.terraform(role));
      }
    }),
  );
});
