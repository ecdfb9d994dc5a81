import { describe, expect, test } from 'vitest';

import { releaseConfigOf } from '../config.js';
import type { Variables } from '../setting.js';
import { documentOf, validConfig } from '../test/documents.js';
import { failureOf } from '../test/failure-of.js';
import type { AwsSettings } from './settings.js';

const account = '123456789012';
const key = { idVariable: 'KEY_ID', secretVariable: 'KEY_SECRET' };

/** The `aws` block of the environment `production`, with some access keys. */
function settingsOf(accessKeys: unknown, variables: Variables = {}): AwsSettings {
  const { local, production } = validConfig.environments;
  const aws = { account, roles: { write: `arn:aws:iam::${account}:role/writer` }, accessKeys };
  const environments = { local, production: { ...production, aws } };
  const document = documentOf('release.config.json', { ...validConfig, environments });
  const settings = releaseConfigOf(document, '/workspace', variables)
    .environment('production')
    .aws();
  if (settings === undefined) throw new Error('there is an aws block');
  return settings;
}

describe('a place', () => {
  test('has no key unless the configuration names one', () => {
    const settings = settingsOf(undefined, { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' });
    expect(settings.accessKey('artifacts')).toBeUndefined();
    expect(settings.accessKey('production')).toBeUndefined();
  });

  test.each([{}, { KEY_ID: '', KEY_SECRET: '' }])('has none when %j are the variables', (none) => {
    expect(settingsOf({ artifacts: key }, none).accessKey('artifacts')).toBeUndefined();
  });

  test('has the key of its variables, and its own only', () => {
    const variables = { KEY_ID: 'id', KEY_SECRET: 'secret' };
    const settings = settingsOf({ terraform: { staging: key } }, variables);
    expect(settings.accessKey('staging')).toEqual({ ...key, role: undefined, region: undefined });
    for (const place of ['registries', 'artifacts', 'production'] as const) {
      expect(settings.accessKey(place)).toBeUndefined();
    }
  });

  test('may have a role to assume with it, in sessions as the environment has them', () => {
    const declared = { ...key, role: '${ROLE}', region: '${REGION}' };
    const settings = settingsOf(
      { registries: declared },
      {
        KEY_ID: 'id',
        KEY_SECRET: 'secret',
        ROLE: `arn:aws:iam::${account}:role/deploy`,
        REGION: 'eu-west-1',
      },
    );
    expect(settings.accessKey('registries')).toMatchObject({
      role: { name: 'deploy', durationSeconds: 3600, sourceIdentity: false },
      region: 'eu-west-1',
    });
  });

  test.each([
    ['KEY_ID', 'KEY_SECRET'],
    ['KEY_SECRET', 'KEY_ID'],
  ])('with %s alone is missing %s', (set, missing) => {
    const settings = settingsOf({ artifacts: key }, { [set]: 'hunter2' });
    const { message } = failureOf(() => settings.accessKey('artifacts')) ?? {};
    expect(message).toBe(
      `${missing} is not set, and ${set} is: they are one access key (aws.accessKeys in release.config.json); set both or none`,
    );
  });

  test('is used as it is where its role and its region are not set', () => {
    const declared = { ...key, role: '${ROLE}', region: '${REGION}' };
    const variables = { KEY_ID: 'id', KEY_SECRET: 'secret', ROLE: '' };
    expect(settingsOf({ artifacts: declared }, variables).accessKey('artifacts')).toEqual({
      ...key,
      role: undefined,
      region: undefined,
    });
  });

  test('with a role that is not one is refused', () => {
    const variables = { KEY_ID: 'id', KEY_SECRET: 'secret', ROLE: 'deployer' };
    const settings = settingsOf({ artifacts: { ...key, role: '${ROLE}' } }, variables);
    expect(() => settings.accessKey('artifacts')).toThrow(
      'aws.accessKeys.artifacts.role: expected the ARN of a role',
    );
  });

  test('assumes no role of another account', () => {
    const role = 'arn:aws:iam::210987654321:role/deploy';
    const variables = { KEY_ID: 'id', KEY_SECRET: 'secret' };
    const settings = settingsOf({ artifacts: { ...key, role } }, variables);
    expect(() => settings.accessKey('artifacts')).toThrow(
      `environment production: the role of the access key in KEY_ID: expected a role of the environment's account ${account}, found "${role}"`,
    );
  });

  test('has no use for half of the credentials of a session', () => {
    const own = { idVariable: 'AWS_ACCESS_KEY_ID', secretVariable: 'AWS_SECRET_ACCESS_KEY' };
    const variables = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
    const keyWith = (more: Variables) =>
      settingsOf({ artifacts: own }, { ...variables, ...more }).accessKey('artifacts');
    expect(keyWith({})).toMatchObject(own);
    expect(keyWith({ AWS_SESSION_TOKEN: '' })).toMatchObject(own);
    expect(keyWith({ AWS_SESSION_TOKEN: 'token' })).toBeUndefined();
  });
});

describe('the configuration is refused', () => {
  const refusal = (accessKeys: unknown) => failureOf(() => settingsOf(accessKeys))?.message;

  test('that has one key for staging and production', () => {
    const production = { idVariable: 'OTHER', secretVariable: 'KEY_ID' };
    expect(refusal({ terraform: { staging: key, production } })).toMatch(
      /accessKeys\.terraform\.production\.secretVariable: expected another variable than the key of staging has$/,
    );
  });

  test('that has one variable for both halves of a key', () => {
    expect(refusal({ artifacts: { idVariable: 'A', secretVariable: 'A' } })).toMatch(
      /secretVariable: expected another variable than "idVariable"$/,
    );
  });

  test('that holds a key in place of a name', () => {
    expect(refusal({ artifacts: { ...key, idVariable: 'AKIA-1' } })).toContain(
      'idVariable: expected the name of a variable such as "SIGNING_KEY"',
    );
  });
});
