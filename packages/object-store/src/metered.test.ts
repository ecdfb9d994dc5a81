import { serveS3 } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { objectStoreContract } from './contract.js';
import { memoryStore, metered, s3Store } from './index.js';

objectStoreContract('A metered store', () => Promise.resolve(metered(memoryStore()).store));

const text = { mode: 'create', contentType: 'text/plain' } as const;

test('A metered store counts operations, and the bytes of objects in both directions', async () => {
  const { store, traffic } = metered(memoryStore());
  await store.put('a', Buffer.from('12345'), text);
  const stored = await store.get('a');
  await stored?.bytes(10);
  for await (const piece of stored?.content() ?? []) expect(piece).toHaveLength(5);
  await store.head('b');
  expect(traffic()).toEqual({ requests: 3, bytesSent: 5, bytesReceived: 10 });
});

test('A copy from another store is read there and sent here', async () => {
  const [from, to] = [metered(memoryStore()), metered(memoryStore())];
  await from.store.put('a', Buffer.from('12345'), text);
  await to.store.copy({ store: from.store, key: 'a' }, 'b', { mode: 'create' });
  expect(from.traffic()).toMatchObject({ bytesSent: 5, bytesReceived: 5 });
  expect(to.traffic()).toEqual({ requests: 1, bytesSent: 5, bytesReceived: 0 });
});

test('A copy inside a server moves nothing', async () => {
  const s3 = await serveS3({ buckets: ['one', 'two'] });
  const { endpoint, region } = s3;
  const open = (bucket: string) =>
    metered(
      s3Store({ bucket, endpoint, region, credentials: () => Promise.resolve(s3.credentials) }),
    );
  const [from, to] = [open('one'), open('two')];
  await from.store.put('a', Buffer.from('12345'), text);
  await to.store.copy({ store: from.store, key: 'a' }, 'b', { mode: 'create' });
  expect(s3.operations()).toContain('UploadPartCopy');
  expect(to.traffic()).toEqual({ requests: 1, bytesSent: 0, bytesReceived: 0 });
});
