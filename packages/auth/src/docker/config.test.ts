import { inspect } from 'node:util';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { AuthError } from '../error.js';
import { dockerCredentials } from './credentials.js';
import { auth, configured, homeWith, plain } from './test/configured.js';
import { answering, credential } from './test/helpers.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('an entry', () => {
  test.each<[string, unknown, string | undefined]>([
    ['with a user and password', auth('ann', 'opensesame'), 'ann:opensesame'],
    ['with colons in the password', auth('AWS', 'a:b::'), 'AWS:a:b::'],
    ['with other letters', auth('änn', 'пароль'), 'änn:пароль'],
    ['filled up with NUL', { auth: base64('ann:pw\0\0') }, 'ann:pw'],
    ['broken into lines', { auth: base64('ann:pw').replace('O', '\r\nO') }, 'ann:pw'],
    ['in the clear', { username: 'ann', password: 'pw' }, 'ann:pw'],
    ['with an identity token', { ...auth('00', ''), identitytoken: 'it' }, 'identity it'],
    ['with a registry token', { registrytoken: 'rt', identitytoken: 'it' }, 'bearer rt'],
    ['that is empty', {}, undefined],
    ['of nulls and blanks', { auth: '', identitytoken: null }, undefined],
    ['with an address of mail', { ...auth('ann', 'pw'), email: 'a@example.com' }, 'ann:pw'],
  ])('%s', async (_name, entry, expected) => {
    const credentials = await configured({ auths: { 'quay.io': entry } });
    expect(plain(await credentials('quay.io'))).toBe(expected);
  });
});

describe('a key', () => {
  test.each([
    ['quay.io', 'quay.io'],
    ['quay.io', 'QUAY.IO'],
    ['quay.io', 'https://quay.io'],
    ['quay.io', 'https://quay.io/v1/'],
    ['quay.io', 'http://quay.io/v2'],
    ['localhost:5000', 'localhost:5000'],
    ['[::1]:5000', '[::1]:5000'],
    ['docker.io', 'https://index.docker.io/v1/'],
    ['index.docker.io', 'docker.io'],
    ['registry-1.docker.io', 'docker.io'],
  ])('for %s can be %s', async (registry, key) => {
    const credentials = await configured({ auths: { [key]: auth('ann', 'pw') } });
    expect(plain(await credentials(registry))).toBe('ann:pw');
  });

  test.each([
    ['quay.io', 'quay.io:443'],
    ['quay.io:8443', 'quay.io'],
    ['quay.io', 'quay.io.example.com'],
    ['quay.io', 'quay.io/acme'],
    ['quay.io', 'https://quay.io/acme'],
    ['quay.io', 'https://quay.io@evil.example/v1/'],
    ['quay.io', 'https://ann:pw@quay.io/v1/'],
    ['docker.io', 'https://index.docker.io/v1/access-token'],
    ['__proto__', 'quay.io'],
  ])('for %s cannot be %s', async (registry, key) => {
    const credentials = await configured({ auths: { [key]: auth('ann', 'pw') } });
    expect(await credentials(registry)).toBeUndefined();
  });

  test('a host is preferred to its address, an entry to an empty one', async () => {
    const credentials = await configured({
      auths: {
        'https://quay.io/v1/': auth('address', 'pw'),
        'quay.io': auth('host', 'pw'),
        'ghcr.io': {},
        'https://ghcr.io': auth('address', 'pw'),
      },
    });
    expect(plain(await credentials('quay.io'))).toBe('host:pw');
    expect(plain(await credentials('ghcr.io'))).toBe('address:pw');
  });

  test('the entry that is closest to the repository holds', async () => {
    const credentials = await configured({
      auths: {
        'quay.io': auth('all', 'pw'),
        'quay.io/acme': auth('acme', 'pw'),
        'quay.io/acme/tools/server': auth('server', 'pw'),
      },
    });
    const of = async (name: string) => plain(await credentials.forRepository(name)('quay.io'));
    expect(await of('acme/tools/server')).toBe('server:pw');
    expect(await of('acme/tools/client')).toBe('acme:pw');
    expect(await of('acme')).toBe('acme:pw');
    expect(await of('acme2')).toBe('all:pw');
    expect(plain(await credentials('quay.io'))).toBe('all:pw');
  });
});

describe('what cannot be understood is told with file and key, and never quoted', () => {
  const bad = base64('no colon: s3cret'.replace(':', ''));
  test.each<[string, unknown, string]>([
    ['text', 's3cret', 'it is not JSON'],
    ['half a file', '{"auths":{"quay.io":{"auth":"s3cret', 'it is not JSON'],
    ['a list', ['s3cret'], 'expected an object, found an array'],
    ['auths', { auths: 's3cret' }, 'auths: expected an object, found a string'],
    [
      'an entry',
      { auths: { 'quay.io': 's3cret' } },
      'auths: "quay.io": expected an object, found a string',
    ],
    [
      'auth',
      { auths: { 'quay.io': { auth: 7 } } },
      'auths: "quay.io": auth: expected a string, found a number',
    ],
    [
      'no base64',
      { auths: { 'quay.io': { auth: 's3cret' } } },
      'auths: "quay.io": auth: expected base64 of user:password, found other text; log in again',
    ],
    [
      'no colon',
      { auths: { 'quay.io': { auth: bad } } },
      'auths: "quay.io": auth: expected base64 of user:password, found other text; log in again',
    ],
    [
      'no password',
      { auths: { 'quay.io': auth('s3cret', '') } },
      'auths: "quay.io": auth: expected base64 of user:password, found other text; log in again',
    ],
    [
      'not UTF-8',
      { auths: { 'quay.io': { auth: Buffer.from([97, 58, 255]).toString('base64') } } },
      'auths: "quay.io": auth: expected base64 of user:password, found other text; log in again',
    ],
    [
      'half in the clear',
      { auths: { 'quay.io': { password: 's3cret' } } },
      'auths: "quay.io": of username and password one is missing; log in again',
    ],
    [
      'a password in a key',
      { auths: { 'https://ann:s3cret@quay.io': 1 } },
      'auths: "***@quay.io": expected an object, found a number',
    ],
    [
      'a path for a helper',
      { credHelpers: { 'quay.io': '../../s3cret' } },
      'credHelpers: "quay.io": expected the name of a credential helper (what follows docker-credential-), found other text',
    ],
    [
      'words for a helper',
      { credsStore: 's3cret; rm' },
      'credsStore: expected the name of a credential helper (what follows docker-credential-), found other text',
    ],
  ])('%s', async (_name, config, message) => {
    const homeDirectory = await homeWith({ '.docker/config.json': config });
    const credentials = dockerCredentials({ variables: {}, homeDirectory });
    const error = await credentials('quay.io').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'config-invalid',
      message: `${homeDirectory}/.docker/config.json: ${message}`,
    });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret');
  });

  test('a variable', async () => {
    const variables = { DOCKER_AUTH_CONFIG: '{"auths":[]}' };
    const credentials = dockerCredentials({ variables, homeDirectory: '/nowhere' });
    await expect(credentials('quay.io')).rejects.toThrow(
      'DOCKER_AUTH_CONFIG: auths: expected an object, found an array',
    );
  });

  test('a folder in the place of the file', async () => {
    const homeDirectory = await homeWith({ '.docker/config.json/file': '' });
    const credentials = dockerCredentials({ variables: {}, homeDirectory });
    await expect(credentials('quay.io')).rejects.toMatchObject({
      code: 'config-unreadable',
      message: `${homeDirectory}/.docker/config.json: the registries' credentials there cannot be read (EISDIR); let this user read it, or name another file with REGISTRY_AUTH_FILE`,
    });
  });
});

test.each(['', ' \n', '{}', '{"auths":null,"credsStore":"","HttpHeaders":{"a":"b"}}'])(
  'a file with %j has no credentials',
  async (text) => {
    expect(await (await configured(text))('quay.io')).toBeUndefined();
  },
);

test('a broken entry for another registry is in nobody’s way', async () => {
  const credentials = await configured({
    auths: { 'ghcr.io': { auth: '?' }, 'quay.io': auth('ann', 'pw') },
  });
  expect(plain(await credentials('quay.io'))).toBe('ann:pw');
});

const canary = 'S3cretCanary';

/** Something like a configuration, with the canary in all values that could be secret. */
const config = (() => {
  const text = fc.oneof(
    fc.constantFrom(canary, base64(`ann:${canary}`), base64(canary), `${canary}=`, ''),
    fc.string().map((each) => `${canary}${each}`),
  );
  const value = fc.oneof(text, fc.constantFrom(null, 1, true), fc.array(text), fc.jsonValue());
  const maybe = <T>(likely: fc.Arbitrary<T>) =>
    fc.oneof({ arbitrary: likely, weight: 6 }, { arbitrary: value, weight: 1 });
  const key = fc.oneof(
    fc.constantFrom('quay.io', 'https://quay.io/v1/', 'quay.io/a', `https://a:${canary}@quay.io`),
    fc.string(),
  );
  const fields = ['auth', 'identitytoken', 'registrytoken', 'username', 'password'];
  const entry = fc.dictionary(fc.constantFrom(...fields), value);
  return fc.record(
    {
      auths: maybe(fc.dictionary(key, maybe(entry))),
      credHelpers: maybe(fc.dictionary(key, maybe(fc.constantFrom('x', '', '../x')))),
      credsStore: maybe(fc.constantFrom('x', '', '../x')),
    },
    { requiredKeys: [] },
  );
})();

test('any configuration gives a credential, none, or an AuthError without a secret', async () => {
  const damaged = fc
    .tuple(config, fc.nat(), fc.constantFrom('', '{', '"', '\\', '\0'), fc.boolean())
    .map(([object, at, character, damage]) => {
      const json = JSON.stringify(object);
      const position = at % json.length;
      // Without its @, nothing tells that a key holds a password.
      return damage && json[position] !== '@'
        ? json.slice(0, position) + character + json.slice(position + 1)
        : json;
    });
  const { runHelper } = answering(credential('ann', canary));
  await fc.assert(
    fc.asyncProperty(damaged, async (text) => {
      const variables = { DOCKER_AUTH_CONFIG: text };
      const credentials = dockerCredentials({ variables, homeDirectory: '/nowhere', runHelper });
      const result = await credentials
        .forRepository('a/b')('quay.io')
        .catch((thrown: unknown) => thrown);
      if (!(result instanceof Error)) return;
      expect(result).toBeInstanceOf(AuthError);
      expect(inspect(result, { depth: 9, showHidden: true })).not.toContain(canary);
    }),
    { numRuns: 1000 },
  );
});
