import { Secret } from '@teleport-plugins/secrets';
import { describe, expect, test } from 'vitest';

import { AuthError } from '../error.js';
import { answerHelper, type HelperStore } from './protocol.js';

const known = 'registry.example';
const password = new Secret('opensesame');

function helper(overrides: Partial<HelperStore> = {}) {
  const forgotten: string[] = [];
  const store: HelperStore = {
    credential: (host) =>
      Promise.resolve(host === known ? { username: 'AWS', password } : undefined),
    forget: (host) => Promise.resolve(void forgotten.push(host)),
    hosts: () => Promise.resolve([known, 'public.ecr.aws']),
    ...overrides,
  };
  const call = (action: string, input = '') =>
    answerHelper({ args: action.split(' '), input: () => Promise.resolve(input) }, store);
  return { call, forgotten };
}

const failing = (error: unknown) =>
  helper({
    credential: () => {
      throw error;
    },
  });

describe('get', () => {
  test.each([
    known,
    `${known}\n`,
    'REGISTRY.example',
    `https://${known}`,
    `https://${known}/v2/`,
    `${known}/acme`,
  ])('answers %j with the credential, and the same name', async (server) => {
    const { exitCode, output } = await helper().call('get', server);
    expect(exitCode).toBe(0);
    expect(JSON.parse(output)).toEqual({
      ServerURL: server.trim(),
      Username: 'AWS',
      Secret: 'opensesame',
    });
  });

  test.each(['other.example', '', `${known}.example`, `x.${known}`])(
    'says of %j what docker knows as "none"',
    async (server) => {
      expect(await helper().call('get', server)).toEqual({
        exitCode: 1,
        output: 'credentials not found in native keychain\n',
      });
    },
  );

  test('says on one line why there is none, and what to do', async () => {
    const message = 'the SSO session has expired;\n  run "aws sso login --profile x" and try again';
    const error = new AuthError('login-needed', message, { cause: new Error('opensesame') });
    const line = 'the SSO session has expired; run "aws sso login --profile x" and try again\n';
    expect(await failing(error).call('get', known)).toEqual({
      exitCode: 1,
      output: line,
      complaint: line,
    });
  });

  test.each([
    [new TypeError('opensesame'), 'TypeError'],
    [Object.assign(new Error('opensesame'), { code: 'EIO' }), 'Error EIO'],
    ['opensesame', 'string'],
  ])('tells of what nobody expected the name only: %o', async (error, name) => {
    const { exitCode, output } = await failing(error).call('get', known);
    expect({ exitCode, output }).toEqual({
      exitCode: 1,
      output: `the credential helper failed unexpectedly ("${name}"); run \`npx nx run release:login\` again\n`,
    });
  });
});

describe('The other actions', () => {
  test('store is accepted, and says nothing', async () => {
    const document = JSON.stringify({ ServerURL: known, Username: 'AWS', Secret: 'x' });
    expect(await helper().call('store', document)).toEqual({ exitCode: 0, output: '' });
    expect(await helper().call('store', 'no JSON')).toEqual({ exitCode: 0, output: '' });
  });

  test('erase forgets, as often as it is called, and says nothing', async () => {
    const { call, forgotten } = helper();
    expect(await call('erase', known)).toEqual({ exitCode: 0, output: '' });
    expect(await call('erase', `https://${known}`)).toEqual({ exitCode: 0, output: '' });
    expect(forgotten).toEqual([known, known]);
    const failing = helper({ forget: () => Promise.reject(new Error('no')) });
    expect(await failing.call('erase', known)).toEqual({ exitCode: 0, output: '' });
  });

  test('list has the registries, and the user that all of them have', async () => {
    const { exitCode, output } = await helper().call('list');
    expect(exitCode).toBe(0);
    expect(JSON.parse(output)).toEqual({ [known]: 'AWS', 'public.ecr.aws': 'AWS' });
  });

  test.each(['', 'gett', 'get registry.example', 'version'])('"%s" is none', async (action) => {
    const { exitCode, output } = await helper().call(action);
    expect(exitCode).toBe(1);
    expect(output).toContain('usage: docker-credential-teleport-release get|store|erase|list');
  });

  test('--help helps', async () => {
    const { exitCode, output } = await helper().call('--help');
    expect(exitCode).toBe(0);
    expect(output).toContain('release:login');
  });
});
