import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';

import { serveS3, type S3Misbehaviour } from '@teleport-plugins/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import { ObjectStoreError } from '../error.js';
import { gathered, keysOf, plain, text, textOf } from '../contract/samples.js';
import type { ObjectStore } from '../store.js';
import { s3Store } from './s3-store.js';
import { openedStore } from './test/opened.js';

async function failureOf(operation: Promise<unknown>): Promise<ObjectStoreError> {
  const failure: unknown = await operation.catch((error: unknown) => error);
  if (failure instanceof ObjectStoreError) return failure;
  throw new Error(`not failed as expected: ${inspect(failure)}`);
}

describe('S3 that refuses', () => {
  const refusals: readonly [S3Misbehaviour['as'], string, string][] = [
    ['access denied', 'denied', 'access denied; a policy must allow s3:PutObject'],
    ['bad signature', 'unauthorized', 'check that access key, secret key and session token belong'],
    ['expired token', 'unauthorized', 'the credentials have expired; get new ones'],
    ['clock skew', 'unauthorized', 'the clock of this machine is wrong by more than S3 accepts'],
    ['moved', 'rejected', 'the bucket is in the region eu-central-1; set the region'],
    ['not implemented', 'rejected', 'the server answered 501'],
    [
      'internal error',
      'unavailable',
      'the server answered 500; run this again later (tried 6 times)',
    ],
    [
      'slow down',
      'unavailable',
      'S3 asks for fewer requests; run this again later (tried 6 times)',
    ],
    ['conflict', 'changed', 'others keep writing it at the same moment'],
    ['dropped', 'unreachable', 'the connection failed (ECONNRESET)'],
    ['html', 'unavailable', 'the server answered 502'],
  ];

  test.each(refusals)('with "%s" is told as %s: %s', async (as, code, what) => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    s3.misbehave({ as });
    const failure = await failureOf(store.put('a/b', text('x'), plain('create')));
    expect(failure).toMatchObject({ code });
    expect(failure.message).toContain('s3://bucket/a/b: cannot store it: ');
    expect(failure.message).toContain(what);
    const isTransient = failure.message.includes('(tried 6 times)');
    expect(s3.requests.length).toBe(isTransient ? 6 : 1);
  });

  test.each<[string, (store: ObjectStore) => Promise<unknown>, string]>([
    [
      'read',
      (store) => store.head('a'),
      's3://bucket/a: cannot read it: access denied; a policy must allow s3:GetObject; without s3:ListBucket on the bucket S3 answers this for a key that is absent, too',
    ],
    [
      'read',
      (store) => store.get('a'),
      'cannot read it: access denied; a policy must allow s3:GetObject; without s3:ListBucket',
    ],
    [
      'listed',
      (store) => keysOf(store, 'a/'),
      's3://bucket/a/: cannot list it: access denied; a policy must allow s3:ListBucket',
    ],
    [
      'deleted',
      (store) => store.delete('a'),
      's3://bucket/a: cannot delete it: access denied; a policy must allow s3:DeleteObject',
    ],
    [
      'stored',
      (store) => store.put('a', Buffer.alloc(2_000_000), plain('overwrite')),
      's3://bucket/a: cannot store it: access denied; a policy must allow s3:PutObject',
    ],
  ])('something to be %s names the permission', async (_, operation, message) => {
    const s3 = await serveS3();
    s3.misbehave({ as: 'access denied' });
    const failure = await failureOf(operation(openedStore(s3)));
    expect(failure).toMatchObject({ code: 'denied' });
    expect(failure.message).toContain(message);
  });

  test('to say whether a key is absent without s3:ListBucket is not taken for absent', async () => {
    const s3 = await serveS3({ mayList: false });
    const store = openedStore(s3);
    for (const operation of [() => store.head('absent'), () => store.get('absent')]) {
      await expect(operation()).rejects.toMatchObject({ code: 'denied' });
    }
    // Writing needs no reading.
    await store.put('a', text('1'), plain('create'));
    expect(await textOf(store, 'a')).toBe('1');
  });

  test.each<[string, (store: ObjectStore) => Promise<unknown>]>([
    ['head', (store) => store.head('a')],
    ['get', (store) => store.get('a')],
    ['put', (store) => store.put('a', text('x'), plain('create'))],
    ['replace', (store) => store.put('a', text('x'), plain({ replace: '"1"' as never }))],
    ['put of parts', (store) => store.put('a', Buffer.alloc(2_000_000), plain('overwrite'))],
    ['list', (store) => gathered(store.list(''))],
    ['delete', (store) => store.delete('a')],
    ['honoursConditions', (store) => store.honoursConditions()],
  ])('because there is no such bucket is told so by %s', async (_, operation) => {
    const s3 = await serveS3();
    const failure = await failureOf(operation(openedStore(s3, { bucket: 'missing' })));
    expect(failure).toMatchObject({ code: 'store-missing' });
    expect(failure.message).toMatch(/^s3:\/\/missing\/.*there is no (?:such )?bucket/);
  });

  test('an access key names no key', async () => {
    const s3 = await serveS3();
    const credentials = { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'a-secret-key' };
    const store = openedStore(s3, { credentials: () => Promise.resolve(credentials) });
    const failure = await failureOf(store.get('a'));
    expect(failure).toMatchObject({ code: 'unauthorized' });
  });

  test('the region of the bucket is named when S3 names it', async () => {
    const s3 = await serveS3({ region: 'eu-north-1' });
    const failure = await failureOf(openedStore(s3, { region: 'us-east-1' }).get('a'));
    expect(failure).toMatchObject({ code: 'rejected' });
    expect(failure.message).toContain('the bucket is in the region eu-north-1');
  });
});

describe('Failures that pass', () => {
  test.each<S3Misbehaviour['as']>(['internal error', 'slow down', 'dropped', 'html', 'cut'])(
    'such as "%s" are waited out, by each operation',
    async (as) => {
      const s3 = await serveS3({ pageSize: 1 });
      const store = openedStore(s3);
      const operations: readonly (() => Promise<unknown>)[] = [
        () => store.put('a/1', text('1'), plain('create')),
        () => store.put('a/2', Buffer.alloc(2_000_000), plain('create')),
        () => store.head('a/1'),
        () => textOf(store, 'a/1'),
        () => keysOf(store),
        () => store.copy({ store, key: 'a/1' }, 'a/3', { mode: 'overwrite' }),
        () => store.copy({ store, key: 'a/1' }, 'a/4', { mode: 'create' }),
        () => store.delete('a/1'),
        () => store.honoursConditions(),
      ];
      for (const operation of operations) {
        const undo = s3.misbehave({ as, times: 4 });
        await operation();
        undo();
      }
      expect(await keysOf(store)).toEqual(['a/2', 'a/3', 'a/4']);
      expect(await textOf(store, 'a/3')).toBe('1');
      expect(s3.unfinishedUploads('bucket').length).toBeLessThanOrEqual(as === 'cut' ? 8 : 0);
    },
  );

  test.each<NonNullable<S3Misbehaviour['operation']>>([
    'CompleteMultipartUpload',
    'UploadPartCopy',
    'CopyObject',
  ])('are found in answers that begin as a success (%s)', async (operation) => {
    const s3 = await serveS3();
    const store = openedStore(s3);
    await store.put('a', Buffer.alloc(100), plain('create'));
    s3.misbehave({ as: 'late error', operation, times: 3 });
    await store.put('b', Buffer.alloc(2_000_000), plain('create'));
    await store.copy({ store, key: 'a' }, 'c', { mode: 'create' });
    await store.copy({ store, key: 'a' }, 'd', { mode: 'overwrite' });
    expect(s3.operations().filter((each) => each === operation).length).toBeGreaterThan(3);
    expect(await keysOf(store)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('are waited for longer each time, and not all at once', async () => {
    const s3 = await serveS3();
    s3.misbehave({ as: 'slow down' });
    const pauses: number[] = [];
    const sleep = (milliseconds: number) => {
      pauses.push(milliseconds);
      return Promise.resolve();
    };
    await failureOf(openedStore(s3, {}, { sleep, random: () => 0.5 }).head('a'));
    expect(pauses).toEqual([150, 300, 600, 1200, 2400]);
  });
});

describe('A server that does not answer', () => {
  test('in time is given up', async () => {
    const s3 = await serveS3();
    s3.misbehave({ as: 'silence' });
    const timeouts = { connect: 1000, idle: 1000, answer: 50 };
    const failure = await failureOf(openedStore(s3, {}, { timeouts, retries: 1 }).head('a'));
    expect(failure).toMatchObject({ code: 'timeout', transient: true });
    expect(failure.message).toContain('no answer in time; check the network');
    expect(s3.requests).toHaveLength(2);
  });

  test('is let go when the caller aborts', async () => {
    const s3 = await serveS3();
    s3.misbehave({ as: 'silence' });
    const controller = new AbortController();
    const { signal } = controller;
    const asking = openedStore(s3).get('a', { signal });
    await expect.poll(() => s3.requests.length).toBe(1);
    controller.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
  });

  test('is not asked again once the caller aborts while it is waited', async () => {
    const s3 = await serveS3();
    s3.misbehave({ as: 'slow down' });
    const controller = new AbortController();
    const sleep = () => {
      controller.abort(new Error('enough'));
      return Promise.resolve();
    };
    const { signal } = controller;
    await expect(openedStore(s3, {}, { sleep }).head('a', { signal })).rejects.toThrow('enough');
    expect(s3.requests).toHaveLength(1);
  });

  test('because it is not there is told so', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const failure = await failureOf(at(`http://127.0.0.1:${port}`).head('a'));
    expect(failure).toMatchObject({ code: 'unreachable', transient: true });
    expect(failure.message).toContain('the connection failed (ECONNREFUSED)');
  });

  test('as S3 does is told so', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const failure = await failureOf(at(`http://127.0.0.1:${port}`).head('a'));
    expect(failure).toMatchObject({ code: 'unreachable' });
    expect(failure.message).toContain('no usable connection');
  });

  function at(endpoint: string): ObjectStore {
    const credentials = { accessKeyId: 'A', secretAccessKey: 'B' };
    return openedStore({ endpoint, region: 'us-west-2', credentials });
  }
});

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
