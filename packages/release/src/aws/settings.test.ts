import { describe, expect, test } from 'vitest';

import { releaseConfigOf } from '../config.js';
import type { Variables } from '../setting.js';
import { documentOf, validConfig } from '../test/documents.js';
import { failureOf, refusalOf } from '../test/failure-of.js';
import type { AwsSettings } from './settings.js';

const account = '123456789012';
const roleArn = (name: string, ofAccount = account) => `arn:aws:iam::${ofAccount}:role/${name}`;

/** The environment `production` with an `aws` block. */
function production(aws: unknown, variables: Variables = {}) {
  const { local, production: declared } = validConfig.environments;
  const { base, registries } = declared;
  const environments = { local, production: { protected: true, registries, base, aws } };
  const document = documentOf('release.config.json', { ...validConfig, environments });
  return releaseConfigOf(document, '/workspace', variables).environment('production');
}

function settingsOf(aws: unknown, variables: Variables = {}): AwsSettings {
  const settings = production(aws, variables).aws();
  if (settings === undefined) throw new Error('there is an aws block');
  return settings;
}

test('an environment may have no account, whatever roles the variables name', () => {
  const variables = { RELEASE_WRITE_ROLE: roleArn('x'), RELEASE_READ_ROLE: 'x' };
  expect(production(undefined, variables).aws()).toBeUndefined();
});

test('an account alone has no roles, creates nothing, and scans and encrypts by default', () => {
  const settings = settingsOf({ account });
  expect(settings.account).toBe(account);
  expect(settings.role('write')).toBeUndefined();
  expect(settings.role('read')).toBeUndefined();
  expect(settings.bucketKeys()).toEqual([]);
  expect(settings.repositories()).toEqual({
    create: false,
    scanOnPush: true,
    encryption: 'AES256',
  });
});

test('a role comes with how its sessions are made: for an hour, and named by nothing else', () => {
  const settings = settingsOf({ account, roles: { write: roleArn('teams/release') } });
  expect(settings.role('write')).toEqual({
    arn: 'arn:aws:iam::123456789012:role/teams/release',
    partition: 'aws',
    account,
    name: 'release',
    durationSeconds: 3600,
    sourceIdentity: false,
    tags: {},
  });
  expect(settings.role('read')).toBeUndefined();
});

test('sessions are made as the configuration says, with what the variables hold', () => {
  const settings = settingsOf(
    {
      account: '${ACCOUNT}',
      roles: { read: 'arn:aws:iam::${ACCOUNT}:role/${READER}' },
      session: {
        durationSeconds: 900,
        externalId: '${EXTERNAL_ID}',
        sourceIdentity: true,
        tags: { project: 'plugins', 'Cost Center': '${CENTER}/2' },
      },
      repositories: { create: true, scanOnPush: false, encryption: '${KEY}' },
    },
    {
      ACCOUNT: account,
      READER: 'reader',
      EXTERNAL_ID: 'a:b',
      CENTER: '7',
      KEY: 'arn:aws:kms:us-west-2:123456789012:key/mrk-1',
    },
  );
  expect(settings.role('read')).toMatchObject({
    arn: roleArn('reader'),
    durationSeconds: 900,
    externalId: 'a:b',
    sourceIdentity: true,
    tags: { project: 'plugins', 'Cost Center': '7/2' },
  });
  expect(settings.repositories()).toEqual({
    create: true,
    scanOnPush: false,
    encryption: 'arn:aws:kms:us-west-2:123456789012:key/mrk-1',
  });
});

test('the keys of buckets are ARNs, and read when they are needed', () => {
  const [key, other] = ['1', 'mrk-1'].map((id) => `arn:aws:kms:us-west-2:123456789012:key/${id}`);
  const settings = settingsOf({ account, bucketKeys: [key, '${KEY}'] }, { KEY: other ?? '' });
  expect(settings.bucketKeys()).toEqual([key, other]);
  const unset = settingsOf({ account, bucketKeys: ['${KEY}'] });
  expect(unset.repositories().encryption).toBe('AES256');
  expect(refusalOf(() => unset.bucketKeys())?.[0]).toBe('variable-missing');
  expect(() => settingsOf({ account, bucketKeys: ['KMS'] })).toThrow(
    'bucketKeys[0]: expected the ARN of a KMS key',
  );
});

describe('a variable', () => {
  const session = { externalId: '${EXTERNAL_ID}' };

  test('is needed only by who assumes the role', () => {
    const settings = settingsOf({ account, roles: { write: roleArn('x') }, session });
    expect(settings.role('read')).toBeUndefined();
    expect(refusalOf(() => settings.role('write'))).toEqual([
      'variable-missing',
      expect.stringMatching(
        /^release\.config\.json:\d+:\d+: environments\.production\.aws\.session\.externalId: "\$\{EXTERNAL_ID\}" needs the variable EXTERNAL_ID, which is not set; expected an external id of 2 to 1224 letters, digits and "_\+=,\.@:\/-"$/,
      ),
    ]);
  });

  test.each([
    ['RELEASE_WRITE_ROLE', 'write', 'other'],
    ['RELEASE_READ_ROLE', 'read', 'other'],
  ] as const)('%s replaces the role to %s with', (variable, access, name) => {
    const roles = { write: roleArn('writer'), read: roleArn('reader') };
    const settings = settingsOf({ account, roles }, { [variable]: roleArn(name) });
    expect(settings.role(access)?.arn).toBe(roleArn(name));
    const other = access === 'read' ? 'write' : 'read';
    expect(settings.role(other)?.arn).toBe(roles[other]);
  });

  test.each(['RELEASE_WRITE_ROLE', 'RELEASE_READ_ROLE'])(
    '%s gives a role where the configuration has none',
    (variable) => {
      const settings = settingsOf({ account }, { [variable]: roleArn('x') });
      const access = variable === 'RELEASE_READ_ROLE' ? 'read' : 'write';
      expect(settings.role(access)).toMatchObject({ arn: roleArn('x'), durationSeconds: 3600 });
    },
  );

  test.each([
    ['release-engineer', ''],
    ['', '; unset it to use what release.config.json says'],
    ['arn:aws:sts::123456789012:assumed-role/x/session', ''],
  ])('with the role %j is refused', (text, act) => {
    const settings = settingsOf({ account }, { RELEASE_WRITE_ROLE: text });
    expect(refusalOf(() => settings.role('write'))).toEqual([
      'variable-invalid',
      'RELEASE_WRITE_ROLE: expected the ARN of a role, such as ' +
        `"arn:aws:iam::123456789012:role/release-engineer", found "${text}"${act}`,
    ]);
    expect(settings.role('read')).toBeUndefined();
  });
});

describe('a role of another account', () => {
  const stranger = roleArn('x', '999999999999');
  const expected = `expected a role of the environment's account ${account}, found "${stranger}"`;

  test('is refused when the file is read', () => {
    const roles = { write: stranger, read: stranger };
    const [code, message] = refusalOf(() => production({ account, roles })) ?? [];
    expect(code).toBe('config-invalid');
    expect(message?.replaceAll(/:\d+:\d+:/g, ':').split('\n')).toEqual([
      `release.config.json: environments.production.aws.roles.write: ${expected}`,
      `release.config.json: environments.production.aws.roles.read: ${expected}`,
    ]);
  });

  test('is refused when variables make it one', () => {
    const settings = settingsOf({ account, roles: { read: '${ROLE}' } }, { ROLE: stranger });
    expect(refusalOf(() => settings.role('read'))).toEqual([
      'config-invalid',
      `environment production: aws.roles.read: ${expected}`,
    ]);
  });

  test('is refused when a variable replaces the role with it', () => {
    const settings = settingsOf({ account }, { RELEASE_READ_ROLE: stranger });
    expect(refusalOf(() => settings.role('read'))).toEqual([
      'variable-invalid',
      `RELEASE_READ_ROLE: ${expected}`,
    ]);
  });
});

test('every mistake is told with its line, column, key and what was expected', () => {
  const text = `{
  "source": "https://github.com/acme/plugins",
  "defaultEnvironment": "local",
  "environments": { "local": {
    "registries": { "staging": "a.example/x", "public": "b.example/x" }, "base": "host",
    "aws": {
      "account": 123456789012,
      "roles": { "writer": "x", "read": "role/x" },
      "session": { "durationSeconds": 60, "externalId": "a", "sourceIdentity": 1,
        "tags": { "aws:x": "x", "x": "#" } },
      "repositories": { "crate": true, "encryption": "AES-256" },
      "regions": "us-west-2"
    }
  } }
}`;
  const act = () => releaseConfigOf(documentOf('release.config.json', text), '/workspace', {});
  expect(failureOf(act)?.message.split('\n')).toEqual(
    [
      '7:18: account: expected the twelve digits of an AWS account in quotes, such as "123456789012", found 123456789012',
      '8:18: roles.writer: unknown key (did you mean "write"?)',
      '8:41: roles.read: expected the ARN of a role, such as "arn:aws:iam::123456789012:role/release-engineer", found "role/x"',
      '9:39: session.durationSeconds: expected seconds between 900 and 43200, found 60',
      '9:57: session.externalId: expected an external id of 2 to 1224 letters, digits and "_+=,.@:/-", found "a"',
      '9:80: session.sourceIdentity: expected true or false, found 1',
      '10:28: session.tags["aws:x"]: expected at most 128 letters, digits, spaces and "_.:/=+-@", not beginning with "aws:", as the key, found "aws:x"',
      '10:38: session.tags.x: expected the value of a tag: at most 256 letters, digits, spaces and "_.:/=+-@", found "#"',
      '11:25: repositories.crate: unknown key (did you mean "create"?)',
      '11:54: repositories.encryption: expected "AES256", "KMS" or the ARN of a KMS key, such as "arn:aws:kms:us-west-2:123456789012:key/…", found "AES-256"',
      '12:7: regions: unknown key (did you mean "region"?)',
    ].map((line) => {
      const [, at = '', rest = ''] = /^(\d+:\d+): (.*)$/.exec(line) ?? [];
      return `release.config.json:${at}: environments.local.aws.${rest}`;
    }),
  );
});

test.each([
  [{}, 'aws.account: missing; expected the twelve digits of an AWS account'],
  [
    [],
    'aws: expected an AWS account: { "account", "region", "roles", "accessKeys", "session", "repositories", "bucketKeys" }',
  ],
  [{ account, session: { tags: {} } }, 'tags: expected session tags by key, found none'],
  [
    { account, session: { tags: { Project: 'a', project: 'b' } } },
    'tags.project: differs from "Project" in case only, which AWS takes for one',
  ],
  [
    {
      account,
      session: { tags: Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`k${at}`, 'x'])) },
    },
    'tags: expected at most 50 session tags, found 51',
  ],
])('an aws block like %j is refused', (aws, message) => {
  expect(refusalOf(() => production(aws))).toEqual([
    'config-invalid',
    expect.stringContaining(message),
  ]);
});
