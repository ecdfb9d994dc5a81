import { expect, test } from 'vitest';

import { allows, parsePolicy, type PolicyDocument, type PolicyStatement } from './policy.js';

const app = 'arn:aws:ecr:us-west-2:146628656107:repository/acme/app';
const push = { action: 'ecr:PutImage', resource: app };

test.each<[boolean, Partial<PolicyStatement>]>([
  [true, { Action: 'ecr:PutImage', Resource: app }],
  [true, { Action: 'ECR:putimage', Resource: app }],
  [true, { Action: ['ecr:Batch*', 'ecr:Put*'], Resource: ['other', '*'] }],
  [true, { Action: '*', Resource: 'arn:aws:ecr:us-west-2:146628656107:repository/acme/*' }],
  [true, { Action: 'ecr:Put?mage', Resource: app.replace('app', '???') }],
  [false, { Action: 'ecr:Put', Resource: app }],
  [false, { Action: 'ecr-public:PutImage', Resource: app }],
  [false, { Action: 'ecr:PutImage', Resource: `${app}-2` }],
  [false, { Action: 'ecr:PutImage', Resource: app.slice(0, -1) }],
  [false, { Action: 'ecr:PutImage', Resource: app.replace('acme/', 'acme.') }],
  [false, { Effect: 'Deny', Action: 'ecr:PutImage', Resource: app }],
])('%s for %j', (expected, statement) => {
  expect(allows(policy(statement), push)).toBe(expected);
});

test('one statement that denies outweighs all that allow', () => {
  const both = policy({ Action: '*' }, { Effect: 'Deny', Action: 'ecr:Put*' });
  expect(allows(both, push)).toBe(false);
  expect(allows(both, { ...push, action: 'ecr:BatchGetImage' })).toBe(true);
});

test('conditions have to hold, all of them, by one of their values', () => {
  const Condition = {
    StringEquals: { 'sts:ExternalId': ['one', 'two'] },
    StringLike: { 'sts:RoleSessionName': 'drone-*' },
    Bool: { 'aws:MultiFactorAuthPresent': 'true' },
  };
  const conditional = policy({ Action: '*', Condition });
  const context = {
    'sts:ExternalId': 'two',
    'sts:RoleSessionName': 'drone-17',
    'aws:MultiFactorAuthPresent': 'true',
  };
  expect(allows(conditional, { ...push, context })).toBe(true);
  expect(allows(conditional, push)).toBe(false);
  for (const key of Object.keys(context)) {
    const others: object[] = [
      { ...context, [key]: 'other' },
      { ...context, [key]: undefined },
    ];
    for (const other of others) {
      expect(allows(conditional, { ...push, context: other as typeof context })).toBe(false);
    }
  }
});

test('a trust policy means somebody by one of their names', () => {
  const Principal = { AWS: ['arn:aws:iam::1:user/ann', 'arn:aws:iam::2:root'] };
  const trust = policy({ Principal });
  expect(allows(trust, { ...push, principals: ['arn:aws:iam::2:root', 'x'] })).toBe(true);
  expect(allows(trust, { ...push, principals: ['arn:aws:iam::1:user/bob'] })).toBe(false);
});

test.each([
  ['no JSON', 'x'],
  ['no version', '{"Statement":[]}'],
  ['no effect', text({ Effect: undefined as never })],
  ['no resource', text({ Resource: undefined as never })],
  ['an action of no service', text({ Action: 'PutImage' })],
  ['a principal', text({ Principal: '*' })],
  ['what the emulator does not evaluate', text({ Condition: { IpAddress: {} } })],
  ['a misspelt key', text({ Resources: '*' } as never)],
])('is no session policy: %s', (_, policyText) => {
  expect(parsePolicy(policyText)).toBeUndefined();
});

test('a session policy is read as it is', () => {
  expect(parsePolicy(text({}))).toEqual(policy({}));
});

function policy(...statements: readonly Partial<PolicyStatement>[]): PolicyDocument {
  const common = { Effect: 'Allow', Action: 'ecr:PutImage', Resource: '*' } as const;
  return {
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ ...common, ...statement })),
  };
}

function text(statement: Partial<PolicyStatement>): string {
  return JSON.stringify(policy(statement));
}
