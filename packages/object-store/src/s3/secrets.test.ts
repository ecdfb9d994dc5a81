import { inspect } from 'node:util';

import { serveS3, type S3Misbehaviour } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { plain, text } from '../contract/samples.js';
import { s3Store } from './s3-store.js';
import { failureOf } from './test/failure-of.js';
import { openedStore } from './test/opened.js';

describe('Secrets', () => {
  const secrets = { secretAccessKey: 'a-very-secret-key', sessionToken: 'a-very-secret-token' };
  const credentials = () => Promise.resolve({ accessKeyId: 'AKIAEXAMPLE', ...secrets });
  const shown = (error: unknown) => inspect(error, { depth: 12, showHidden: true });

  test.each<S3Misbehaviour['as']>([
    'access denied',
    'bad signature',
    'internal error',
    'dropped',
    'html',
  ])('are not in the error of "%s", nor in what is behind it', async (as) => {
    const s3 = await serveS3();
    s3.misbehave({ as });
    const store = openedStore(s3, { credentials });
    const operations = [() => store.head('a'), () => store.put('a', text('x'), plain('create'))];
    for (const operation of operations) {
      const error = shown(await failureOf(operation()));
      expect(error).not.toContain('a-very-secret');
      expect(error).not.toMatch(/authorization|AWS4-HMAC|Signature=/i);
    }
  });

  test('that a server sends back are masked', async () => {
    const s3 = await serveS3({ repeatsToken: true });
    s3.misbehave({ as: 'not implemented' });
    const failure = await failureOf(openedStore(s3, { credentials }).get('a'));
    expect(failure.message).toContain('[secret]');
    expect(shown(failure)).not.toContain('a-very-secret');
  });

  test('are not in the error about an endpoint', () => {
    const endpoint = 'https://user:a-very-secret-password@s3.example.com';
    const store = () => s3Store({ bucket: 'bucket', region: 'us-west-2', endpoint, credentials });
    expect(store).toThrow(expect.objectContaining({ code: 'location-invalid' }));
    expect(store).not.toThrow('a-very-secret');
  });
});

describe('Credentials', () => {
  test('that cannot be had fail the operation with the error of who should give them', async () => {
    const s3 = await serveS3();
    const error = Object.freeze(new Error('log in first'));
    const store = openedStore(s3, { credentials: () => Promise.reject(error) });
    await expect(store.head('a')).rejects.toBe(error);
    await expect(store.put('a', text('x'), plain('create'))).rejects.toBe(error);
    expect(s3.requests).toEqual([]);
  });

  test.each([
    ['kept while they last', 3_600_000, (asked: number) => asked === 1],
    ['asked for again before they run out', 60_000, (asked: number) => asked > 1],
  ])('are %s', async (_, lifetime, isRight) => {
    const s3 = await serveS3();
    let asked = 0;
    const credentials = () => {
      asked += 1;
      return Promise.resolve({ ...s3.credentials, expiration: new Date(Date.now() + lifetime) });
    };
    const store = openedStore(s3, { credentials });
    await store.head('a');
    await store.head('a');
    expect(asked).toSatisfy(isRight);
  });
});

test.each(['', 'ab', 'Upper', 'under_score', '-dash', 'dash-', 'a..b', 'a/b', 'x'.repeat(64)])(
  '%j is not the name of a bucket',
  (bucket) => {
    const credentials = () => Promise.reject(new Error('not asked'));
    expect(() => s3Store({ bucket, region: 'us-west-2', credentials })).toThrow(
      expect.objectContaining({ code: 'location-invalid' }),
    );
  },
);

test.each(['s3.example.com', 'ftp://s3.example.com', 'https://s3.example.com/path', ''])(
  '%j is not an endpoint',
  (endpoint) => {
    const credentials = () => Promise.reject(new Error('not asked'));
    expect(() => s3Store({ bucket: 'bucket', region: 'us-west-2', endpoint, credentials })).toThrow(
      expect.objectContaining({ code: 'location-invalid' }),
    );
  },
);
