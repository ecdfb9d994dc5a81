import { serveS3 } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { addOne, allCounted, change, countsIn } from '../test/counting.js';
import { openedStore } from './test/opened.js';

const writers = Array.from({ length: 32 }, (_, at) => `client-${at}`);
const rounds = 5;

test('32 clients change one document 5 times each while S3 fails, and nothing of any is lost or done twice', async () => {
  const s3 = await serveS3();
  const random = seeded(4);
  const sometimes = (share: number) => () => random() < share;
  const operation = 'PutObject';
  s3.misbehave({ operation, as: 'conflict', when: sometimes(0.1) });
  s3.misbehave({ operation, as: 'precondition failed', when: sometimes(0.05) });
  s3.misbehave({ operation, as: 'internal error', when: sometimes(0.05) });
  s3.misbehave({ operation, as: 'slow down', when: sometimes(0.05) });
  s3.misbehave({ operation, as: 'dropped', when: sometimes(0.02) });
  s3.misbehave({ operation: 'GetObject', as: 'internal error', when: sometimes(0.05) });
  await Promise.all(
    writers.map(async (writer) => {
      // A client, with connections, for each: they are as strange to each other as machines.
      const store = openedStore(s3, {}, { random });
      for (let round = 0; round < rounds; round += 1) await addOne(store, 'document', writer);
    }),
  );
  expect(await countsIn(openedStore(s3), 'document')).toEqual(allCounted(writers, rounds));
}, 120_000);

test('32 clients create objects under 5 keys while answers get lost, and each key is one’s', async () => {
  const s3 = await serveS3();
  const random = seeded(5);
  s3.misbehave({
    operation: 'PutObject',
    as: 'internal error',
    late: true,
    when: () => random() < 0.3,
  });
  const created = new Map<string, string[]>();
  await Promise.all(
    writers.map(async (writer) => {
      const store = openedStore(s3);
      for (let round = 0; round < rounds; round += 1) {
        const key = `key-${round}`;
        try {
          await store.put(key, Buffer.from(writer), { mode: 'create', contentType: 'text/plain' });
          created.set(key, [...(created.get(key) ?? []), writer]);
        } catch (error) {
          expect(error).toMatchObject({ code: 'exists' });
        }
      }
    }),
  );
  const store = openedStore(s3);
  for (let round = 0; round < rounds; round += 1) {
    const bytes = await (await store.get(`key-${round}`))?.bytes(100);
    expect(created.get(`key-${round}`)).toEqual([Buffer.from(bytes ?? []).toString()]);
  }
}, 120_000);

test('32 clients set a member of one document 5 times each while answers get lost, and nothing of any is lost', async () => {
  const s3 = await serveS3();
  const random = seeded(6);
  const operation = 'PutObject';
  s3.misbehave({ operation, as: 'dropped', late: true, when: () => random() < 0.1 });
  s3.misbehave({ operation, as: 'internal error', late: true, when: () => random() < 0.1 });
  await Promise.all(
    writers.map(async (writer) => {
      const store = openedStore(s3, {}, { random });
      for (let round = 1; round <= rounds; round += 1) {
        await change(store, 'document', (counts) => ({ ...counts, [writer]: round }));
      }
    }),
  );
  expect(await countsIn(openedStore(s3), 'document')).toEqual(allCounted(writers, rounds));
}, 120_000);

/** Numbers that are the same in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
