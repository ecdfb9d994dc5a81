import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { loadReleaseConfig, releaseConfigOf } from './config.js';
import { loadPlugin, pluginOf } from './plugin.js';
import { refuseClashes } from './plugin/clashes.js';
import {
  documentOf,
  validConfig,
  validManifest,
  validPackage,
  validProvider,
} from './test/documents.js';
import { edits } from './test/edits.js';
import { failureOf } from './test/failure-of.js';
import { validatorOf } from './test/schemas.js';

const digest = `sha256:${'0'.repeat(64)}`;
const someEdits = fc.array(
  edits([
    ...[
      null,
      true,
      false,
      0,
      1,
      80,
      65535,
      65536,
      -1,
      1.5,
      [],
      {},
      ['major'],
      ['x', 'x'],
      [80, 80],
    ],
    ...[
      '',
      ' ',
      'x',
      'X',
      'a\nb',
      'host',
      'local',
      'production',
      '..',
      '/x',
      '${A}',
      '${',
      '${A}/b',
    ],
    ...['123456789012', 'AES256', 900, 43201, 'arn:aws:iam::123456789012:role/x', 'aws:x'],
    ...['arn:aws-cn:iam::1:role/x', 'arn:aws:kms:eu-west-1:123456789012:key/x', 'a\rb'],
    ...['a/b', 'a.b/c', 'A.b/C', 'a.b/c:d', `a.b/c@${digest}`, 'https://x/y', '65532:65532', '0:0'],
    ...[
      'linux/amd64',
      'linux/x86_64',
      'linux/arm64/v8',
      ...['linux_amd64', 'linux_riscv64', '6.0', '7.0', 'terraform-x', 'throwaway'],
      ...['s3://bucket/a', 's3://B', 'file:x', 'file:/x', { variable: 'STAGING_KEY' }],
      ...[
        { file: '/x', variable: 'X' },
        { file: 'x' },
        { idVariable: 'X', secretVariable: 'Y' },
        ['throwaway'],
        [{ variable: 'X' }],
        { program: ['x', ''], publicKey: 'y' },
        { program: ['x'], publicKey: 'y', file: '/z' },
        [{ program: ['x', 'y'], publicKey: 'z' }],
      ],
      { embedded: 'x', port: 1, namespace: 'y' },
      { account: '123456789012' },
      { tags: { aws: 'x', 'AWS:x': 'y' } },
      { about: 'x\ny' },
    ],
  ]),
  { minLength: 1, maxLength: 2 },
);

/** What the reader refuses and the schema of the file cannot say. */
interface Comparison {
  readonly kind: string;
  readonly valid: unknown;
  readonly schema: string;
  readonly refusal: (json: unknown) => Error | undefined;
  readonly beyondSchema: RegExp;
}

const refusalOfManifest = (json: unknown) =>
  failureOf(() => pluginOf('p', documentOf('r', json), documentOf('p', validPackage)));

describe.each<Comparison>([
  {
    kind: 'image',
    valid: validManifest,
    schema: 'release.schema.json',
    refusal: refusalOfManifest,
    beyondSchema: /: image\.platforms\[\d+\]: repeats/,
  },
  {
    kind: 'terraform-provider',
    valid: validProvider,
    schema: 'release.schema.json',
    refusal: refusalOfManifest,
    beyondSchema: /: releaseTagPrefix: expected "terraform-provider-/,
  },
  {
    kind: 'the environments',
    valid: validConfig,
    schema: 'release.config.schema.json',
    refusal: (json) => failureOf(() => releaseConfigOf(documentOf('c', json), '/workspace', {})),
    beyondSchema:
      /: (?:differs from|repeats|expected a role of the)|: expected (?:a registry with|"host" or an image|a folder of|a namespace|another (?:port|key|variable)|one of the environments|an environment that is not|variables as|a key of a variable|a store such as|a host such as|the absolute path)/,
  },
])('$schema of $kind', ({ valid, schema, refusal, beyondSchema }) => {
  const validate = validatorOf(schema);

  test('accepts what the reader accepts', () => {
    expect(refusal(valid)).toBeUndefined();
    expect(validate(valid)).toEqual([]);
  });

  test('says the same as the reader of every document with a mistake or two', () => {
    const verdicts = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(someEdits, (changes) => {
        const json = changes.reduce<unknown>((edited, edit) => edit(edited), valid);
        const problems = refusal(json)?.message.split('\n');
        const complaints = validate(json);
        verdicts[problems === undefined ? 'accepted' : 'refused'] += 1;
        if (complaints.length > 0) expect([json, problems]).toEqual([json, expect.anything()]);
        else expect(problems?.filter((line) => !beyondSchema.test(line)) ?? []).toEqual([]);
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(verdicts.accepted, verdicts.refused)).toBeGreaterThan(50);
  });
});

describe('the files of this workspace', () => {
  const workspace = resolve(import.meta.dirname, '../../..');
  const plugins = ['email', 'slack', 'terraform-provider'].map(
    (name) => `packages/plugins/${name}`,
  );
  const schemaOf = (file: string): unknown => {
    const path = join(workspace, file);
    const { $schema } = JSON.parse(readFileSync(path, 'utf8')) as { $schema: string };
    return resolve(dirname(path), $schema);
  };

  test('are accepted', async () => {
    const loaded = await Promise.all(plugins.map((root) => loadPlugin(workspace, root)));
    refuseClashes(loaded);
    const config = await loadReleaseConfig(workspace, {});
    expect(config.environments).toEqual(['local', 'production']);
    for (const name of config.environments) {
      const environment = config.environment(name);
      expect(environment.registry('staging').namespace).toBe('gravitational');
      expect(environment.registry('public').namespace).toBe('gravitational');
    }
    expect(config.environment('local').aws()).toBeUndefined();
    const aws = config.environment('production').aws();
    expect(aws?.role('write')?.name).toBe('release-engineer-plugin-admin');
    expect(aws?.role('read')).toBeUndefined();
    expect(aws?.repositories().create).toBe(false);
  });

  test('name the buckets and keys of the existing secrets', async () => {
    const variables = {
      AWS_S3_BUCKET: 'artifacts',
      STAGING_TERRAFORM_AWS_BUCKET: 'staging',
      PRODUCTION_TERRAFORM_AWS_BUCKET: 'production',
    };
    const production = (await loadReleaseConfig(workspace, variables)).environment('production');
    expect(production.artifacts()).toEqual({ kind: 'bucket', bucket: 'artifacts', prefix: '' });
    for (const role of ['staging', 'production'] as const) {
      const variable = `${role.toUpperCase()}_TERRAFORM_REGISTRY_SIGNING_KEY`;
      expect(production.terraform(role)).toMatchObject({
        store: { bucket: role, prefix: '' },
        signingKeys: [{ kind: 'variable', variable }],
      });
    }
  });

  test('name the access keys of the existing secrets, each for its own place', async () => {
    const variables = Object.fromEntries(
      [
        'PLUGIN_BUILD_USER_STAGING_KEY',
        'PLUGIN_BUILD_USER_STAGING_SECRET',
        'AWS_ACCESS_KEY_ID',
        'AWS_SECRET_ACCESS_KEY',
        ...['STAGING', 'PRODUCTION'].flatMap((role) => [
          `${role}_TERRAFORM_AWS_ACCESS_KEY_ID`,
          `${role}_TERRAFORM_AWS_SECRET_ACCESS_KEY`,
        ]),
      ].map((name) => [name, name.toLowerCase()]),
    );
    const role = 'arn:aws:iam::146628656107:role/terraform-registry-';
    const config = await loadReleaseConfig(workspace, {
      ...variables,
      STAGING_TERRAFORM_AWS_DEPLOYMENT_ROLE: `${role}staging`,
      PRODUCTION_TERRAFORM_AWS_DEPLOYMENT_ROLE: `${role}production`,
      STAGING_TERRAFORM_AWS_REGION: 'us-east-2',
      PRODUCTION_TERRAFORM_AWS_REGION: 'eu-west-1',
    });
    const aws = config.environment('production').aws();
    expect(aws?.accessKey('registries')).toMatchObject({
      idVariable: 'PLUGIN_BUILD_USER_STAGING_KEY',
    });
    expect(aws?.accessKey('artifacts')).toMatchObject({ idVariable: 'AWS_ACCESS_KEY_ID' });
    expect(aws?.accessKey('staging')).toMatchObject({
      secretVariable: 'STAGING_TERRAFORM_AWS_SECRET_ACCESS_KEY',
      role: { name: 'terraform-registry-staging' },
      region: 'us-east-2',
    });
    expect(aws?.accessKey('production')).toMatchObject({
      idVariable: 'PRODUCTION_TERRAFORM_AWS_ACCESS_KEY_ID',
      role: { name: 'terraform-registry-production' },
      region: 'eu-west-1',
    });
    expect((await loadReleaseConfig(workspace, {})).environment('production').aws()).toBeDefined();
  });

  test('name the schemas that editors are to use', () => {
    const schemas = join(workspace, 'packages/release/schemas');
    expect(schemaOf('release.config.json')).toBe(join(schemas, 'release.config.schema.json'));
    for (const root of plugins) {
      expect(schemaOf(`${root}/release.json`)).toBe(join(schemas, 'release.schema.json'));
    }
  });
});
