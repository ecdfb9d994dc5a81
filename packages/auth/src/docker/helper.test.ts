import { inspect } from 'node:util';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { AuthError } from '../error.js';
import { dockerCredentials } from './credentials.js';
import type { HelperAnswer, RunHelper } from './helper.js';
import { auth, configured, homeWith, plain } from './test/configured.js';
import { answering, credential, notFound } from './test/helpers.js';

describe('a helper', () => {
  test.each<[string, HelperAnswer, string | undefined]>([
    ['has a user and password', credential('ann', 'a:b'), 'ann:a:b'],
    ['has an identity token', credential('<token>', 'it'), 'identity it'],
    ['has nothing', credential('', ''), undefined],
    ['has no entry', notFound, undefined],
  ])('%s', async (_name, answer, expected) => {
    const { runHelper, asked } = answering(answer);
    const credentials = await configured({ credHelpers: { 'quay.io': 'x' } }, { runHelper });
    expect(plain(await credentials('quay.io'))).toBe(expected);
    expect(asked).toEqual(['docker-credential-x quay.io']);
  });

  test('is asked for Docker Hub as docker asks', async () => {
    const { runHelper, asked } = answering(notFound);
    const credentials = await configured({ credsStore: 'x' }, { runHelper });
    await credentials('docker.io');
    expect(asked).toEqual(['docker-credential-x https://index.docker.io/v1/']);
  });

  test('of the registry goes before the common store, and is the only one', async () => {
    const { runHelper, asked } = answering(notFound);
    const config = {
      credHelpers: { 'quay.io': 'own' },
      credsStore: 'common',
      auths: { 'quay.io': auth('ann', 'pw') },
    };
    const credentials = await configured(config, { runHelper });
    expect(await credentials('quay.io')).toBeUndefined();
    expect(asked).toEqual(['docker-credential-own quay.io']);
  });

  test('without a name means that there is none for the registry', async () => {
    const { runHelper, asked } = answering(notFound);
    const config = {
      credHelpers: { 'quay.io': '' },
      credsStore: 'common',
      auths: { 'quay.io': auth('ann', 'pw') },
    };
    const credentials = await configured(config, { runHelper });
    expect(plain(await credentials('quay.io'))).toBe('ann:pw');
    expect(asked).toEqual([]);
  });

  test('for all registries goes before what the file has for one', async () => {
    const { runHelper } = answering(credential('store', 'pw'), notFound);
    const auths = { 'quay.io': auth('file', 'pw'), 'quay.io/acme': auth('acme', 'pw') };
    const credentials = await configured({ credsStore: 'x', auths }, { runHelper });
    expect(plain(await credentials('quay.io'))).toBe('store:pw');
    expect(plain(await credentials.forRepository('acme/a')('quay.io'))).toBe('acme:pw');
  });

  test('for all registries leaves to the file what it does not have', async () => {
    const { runHelper } = answering(notFound);
    const auths = { 'quay.io': auth('file', 'pw') };
    const credentials = await configured({ credsStore: 'x', auths }, { runHelper });
    expect(plain(await credentials('quay.io'))).toBe('file:pw');
  });
});

describe('the failure of a helper', () => {
  const failure = async (answer: HelperAnswer | undefined | Error) => {
    const homeDirectory = await homeWith({ '.docker/config.json': { credsStore: 'x' } });
    const runHelper: RunHelper = () =>
      answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    const credentials = dockerCredentials({ variables: {}, homeDirectory, runHelper });
    const error = await credentials('quay.io').catch((thrown: unknown) => thrown);
    if (!(error instanceof AuthError)) throw new Error('it did not fail', { cause: error });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret');
    const start = `docker-credential-x (${homeDirectory}/.docker/config.json: credsStore): `;
    expect(error.message.slice(0, start.length)).toBe(start);
    return `${error.code}: ${error.message.slice(start.length)}`;
  };

  test.each<[string, HelperAnswer | undefined | Error, string]>([
    [
      'it is not there',
      undefined,
      'helper-missing: the program is not on the PATH; install it, or remove the entry and log in to quay.io again',
    ],
    ['it cannot be run', new Error('EACCES'), 'helper-failed: it could not be run'],
    [
      'it says why',
      { exitCode: 1, output: 'gpg: \u001b[1mdecryption failed\nat ann@example.com\n' },
      'helper-failed: it ended with 1 when asked for quay.io ("gpg: \\u001b[1mdecryption failed"); log in to quay.io again',
    ],
    [
      'it says nothing',
      { exitCode: 2, output: '' },
      'helper-failed: it ended with 2 when asked for quay.io; log in to quay.io again',
    ],
    [
      'it gives its secret and fails',
      { exitCode: 1, output: '{"Username":"ann","Secret":"s3cret"}' },
      'helper-failed: it ended with 1 when asked for quay.io; log in to quay.io again',
    ],
    [
      'it gives part of its secret and fails',
      { exitCode: 1, output: '"Secret": "s3cret"' },
      'helper-failed: it ended with 1 when asked for quay.io; log in to quay.io again',
    ],
    [
      'it is killed',
      { exitCode: null, output: '' },
      'helper-failed: it was ended by a signal when asked for quay.io; log in to quay.io again',
    ],
    [
      'it answers with other text',
      { exitCode: 0, output: 's3cret' },
      'helper-answer-invalid: the answer for quay.io: it is not JSON',
    ],
    [
      'it answers with nothing',
      { exitCode: 0, output: '' },
      'helper-answer-invalid: the answer for quay.io: it is not JSON',
    ],
    [
      'it answers without user',
      credential('', 's3cret'),
      'helper-answer-invalid: the answer for quay.io: it has no Username',
    ],
    [
      'it answers without secret',
      credential('ann', ''),
      'helper-answer-invalid: the answer for quay.io: it has no Secret',
    ],
    [
      'it answers with an object for secret',
      { exitCode: 0, output: '{"Username":"ann","Secret":{"a":"s3cret"}}' },
      'helper-answer-invalid: the answer for quay.io: Secret: expected a string, found an object',
    ],
  ])('%s', async (_name, answer, message) => {
    expect(await failure(answer)).toBe(message);
  });

  test('any answer gives a credential, none, or an AuthError', async () => {
    const answer = fc.record({
      exitCode: fc.constantFrom(0, 1, null),
      output: fc.oneof(fc.string(), fc.json(), fc.constantFrom('{"Username":"a","Secret":"b"}')),
    });
    await fc.assert(
      fc.asyncProperty(answer, async (each) => {
        const credentials = dockerCredentials({
          variables: { DOCKER_AUTH_CONFIG: '{"credsStore":"x"}' },
          homeDirectory: '/nowhere',
          runHelper: () => Promise.resolve(each),
        });
        const result = await credentials('quay.io').catch((thrown: unknown) => thrown);
        if (result instanceof Error) expect(result).toBeInstanceOf(AuthError);
      }),
    );
  });
});
