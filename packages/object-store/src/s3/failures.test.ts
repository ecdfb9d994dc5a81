import { serveS3, type S3Misbehaviour } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { gathered, keysOf, plain, text, textOf } from '../contract/samples.js';
import type { ObjectStore } from '../store.js';
import { failureOf } from './test/failure-of.js';
import { openedStore } from './test/opened.js';

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
