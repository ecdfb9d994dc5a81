import { describe, expect, test } from 'vitest';

import { releaseConfigOf } from '../config.js';
import type { Environment } from '../environment.js';
import type { Variables } from '../setting.js';
import { documentOf, validConfig } from '../test/documents.js';
import { refusalOf } from '../test/failure-of.js';

const { local, production } = validConfig.environments;

function read(environments: object, variables: Variables = {}): (name: string) => Environment {
  const config = { ...validConfig, environments: { ...validConfig.environments, ...environments } };
  return (name) =>
    releaseConfigOf(documentOf('release.config.json', config), '/workspace', variables).environment(
      name,
    );
}

const environment = (name: string, variables?: Variables) => read({}, variables)(name);

/** `local` or `production` with other Terraform registries. */
const withTerraform = (
  name: 'local' | 'production',
  changes: { readonly staging?: object; readonly production?: object },
) => {
  const base = validConfig.environments[name];
  const { terraform } = base;
  const changed = {
    staging: { ...terraform.staging, ...changes.staging },
    production: { ...terraform.production, ...changes.production },
  };
  return { [name]: { ...base, terraform: changed } };
};

test('a registry is a store with a host, signed with keys that are somewhere else', () => {
  expect(environment('local').terraform('staging')).toEqual({
    host: 'tf-staging.example.com',
    store: { kind: 'directory', directory: '/workspace/.release/terraform/staging' },
    port: 5003,
    signingKeys: [{ kind: 'throwaway' }],
  });
  expect(environment('production', { PRODUCTION: 'tf-bucket' }).terraform('production')).toEqual({
    host: 'tf.example.com',
    store: { kind: 'bucket', bucket: 'tf-bucket', prefix: '' },
    port: undefined,
    signingKeys: [
      {
        kind: 'variable',
        variable: 'PRODUCTION_KEY',
        passphraseVariable: 'PRODUCTION_PASSPHRASE',
      },
      { kind: 'file', path: '/run/secrets/key.asc', passphraseVariable: undefined },
    ],
  });
});

test('a key may be one that a program signs for', () => {
  const key = { program: ['kms-sign', 'alias/x'], publicKey: 'keys/production.asc' };
  const change = withTerraform('production', { production: { signingKeys: [key] } });
  expect(
    read(change, { STAGING: 'staging', PRODUCTION: 'production' })('production').terraform(
      'production',
    )?.signingKeys,
  ).toEqual([{ kind: 'program', command: key.program, publicKey: key.publicKey }]);
});

test('staging needs none of the variables of production', () => {
  expect(environment('production').terraform('staging')?.store).toMatchObject({
    bucket: 'tf-staging',
  });
  expect(refusalOf(() => environment('production').terraform('production'))).toEqual([
    'variable-missing',
    expect.stringContaining('terraform.production.store: "s3://${PRODUCTION}" needs the variable'),
  ]);
});

test('archives are in a store of their own', () => {
  expect(environment('local').artifacts()).toMatchObject({
    directory: '/workspace/.release/artifacts',
  });
  expect(environment('production', { ARTIFACTS: 'drone' }).artifacts()).toMatchObject({
    bucket: 'drone',
    prefix: 'plugins',
  });
});

test('an environment need not have any of this', () => {
  const { registries, base } = local;
  const plain = read({ plain: { registries, base } })('plain');
  expect(plain.artifacts()).toBeUndefined();
  expect(plain.terraform('staging')).toBeUndefined();
});

describe('a variable', () => {
  test('replaces the stores', () => {
    const variables = {
      RELEASE_ARTIFACTS_URL: 'file:/var/artifacts',
      RELEASE_TERRAFORM_STAGING_URL: 's3://other/staging',
      RELEASE_TERRAFORM_PRODUCTION_URL: 's3://other/production',
    };
    const found = environment('production', variables);
    expect(found.artifacts()).toEqual({ kind: 'directory', directory: '/var/artifacts' });
    expect(found.terraform('staging')?.store).toMatchObject({ prefix: 'staging' });
    expect(found.terraform('production')?.store).toMatchObject({ prefix: 'production' });
  });

  test.each([
    ['RELEASE_ARTIFACTS_URL', (found: Environment) => found.artifacts()],
    ['RELEASE_TERRAFORM_STAGING_URL', (found: Environment) => found.terraform('staging')],
    ['RELEASE_TERRAFORM_PRODUCTION_URL', (found: Environment) => found.terraform('production')],
  ])('%s is refused when it is none, by its name', (name, act) => {
    expect(refusalOf(() => act(environment('local', { [name]: 'bucket' })))).toEqual([
      'variable-invalid',
      `${name}: expected a store such as "s3://bucket/prefix", or "file:.release/artifacts" for a folder of the workspace, found "bucket"`,
    ]);
  });
});

test('staging and production in one place are refused', () => {
  const variables = { RELEASE_TERRAFORM_PRODUCTION_URL: 's3://tf-staging' };
  for (const role of ['staging', 'production'] as const) {
    expect(refusalOf(() => environment('production', variables).terraform(role))).toEqual([
      'config-invalid',
      'environment production: the Terraform registries of staging and production are both s3://tf-staging; what is staged would be released at once, so give them different buckets, prefixes or folders',
    ]);
  }
});

test.each([
  [
    withTerraform('local', { production: { port: 5002 } }),
    'terraform.production.port: expected another port than registries.public has',
  ],
  [withTerraform('local', { staging: { host: 'localhost' } }), 'host: expected a host such as'],
  [withTerraform('local', { staging: { host: 'https://a.b' } }), 'host: expected a host such as'],
  [withTerraform('local', { staging: { store: 'file:/x' } }), 'store: expected a store such as'],
  [withTerraform('local', { staging: { signingKeys: [] } }), 'signingKeys: expected an array of'],
  [
    withTerraform('local', { staging: { signingKeys: ['throwaway', 'throwaway'] } }),
    'signingKeys[1]: repeats [0]',
  ],
  [
    withTerraform('local', { staging: { signingKeys: ['-----BEGIN PGP PRIVATE KEY BLOCK-----'] } }),
    'signingKeys[0]: expected "throwaway", found',
  ],
  [
    withTerraform('production', { production: { signingKeys: [{ variable: 'A', file: '/b' }] } }),
    'signingKeys[0]: expected one of "variable", "file" and "program"',
  ],
  [
    withTerraform('production', { production: { signingKeys: [{ program: ['kms'] }] } }),
    'signingKeys[0]: expected "program" and "publicKey" together',
  ],
  [
    withTerraform('production', {
      production: { signingKeys: [{ program: [], publicKey: 'key.asc' }] },
    }),
    'signingKeys[0].program: expected an array of a program and its arguments',
  ],
  [
    withTerraform('production', {
      production: {
        signingKeys: [{ program: ['kms'], publicKey: 'k', passphraseVariable: 'A' }],
      },
    }),
    'signingKeys[0]: expected no "passphraseVariable" beside "program"',
  ],
  [
    withTerraform('production', { production: { signingKeys: [{ file: 'key.asc' }] } }),
    'signingKeys[0].file: expected the absolute path of a file',
  ],
  [
    withTerraform('production', { production: { signingKeys: [{ variable: '${KEY}' }] } }),
    'signingKeys[0].variable: expected the name of a variable',
  ],
  [
    withTerraform('production', { production: { signingKeys: [{ variable: 'STAGING_KEY' }] } }),
    'terraform.production.signingKeys[0]: expected another key than staging has',
  ],
  [
    withTerraform('production', { staging: { signingKeys: ['throwaway'] } }),
    'environments.production.terraform.staging.signingKeys[0]: expected a key of a variable, a file or a program, because the environment is protected',
  ],
  [
    { production: { ...production, terraform: { staging: production.terraform.staging } } },
    'terraform.production: missing; expected a Terraform registry',
  ],
])('environments like %j are refused', (environments, message) => {
  expect(refusalOf(() => read(environments)('local'))).toEqual([
    'config-invalid',
    expect.stringContaining(message),
  ]);
});
