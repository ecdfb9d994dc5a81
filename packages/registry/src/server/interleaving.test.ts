import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { temporaryDirectory } from '@teleport-plugins/testing';

import { openStore, storeOf, type Store } from './store.js';
import { image, layer } from './test/content.js';
import { exchange, storeBlob, storeImage, storeManifest } from './test/exchange.js';
import { faultyFiles } from './test/faulty-files.js';
import { inTurns } from './test/in-turns.js';
import { faultsIn } from './test/inspect.js';

const first = image('first');
const second = image('second');
const { digest: firstDigest } = first.manifest.descriptor;
const blob = layer('wanted and unwanted');

describe('in whatever order the steps of two requests fall', () => {
  test('no tag is left without its manifest when that is pushed and deleted at once', async () => {
    await interleaved({
      prepare: (store) => storeImage(store, 'r', first, 'v1'),
      one: (store) => storeManifest(store, 'r', first.manifest, 'v2'),
      other: (store) => attempt(store, 'DELETE', `/v2/r/manifests/${firstDigest}`),
      check: () => Promise.resolve(),
    });
  });

  test('one of two digests gets the tag that may not move, and the other is told', async () => {
    const exclusive = { 'if-none-match': '*' };
    await interleaved({
      async prepare(store) {
        await storeImage(store, 'r', first);
        await storeImage(store, 'r', second);
      },
      one: (store) => outcome(storeManifest(store, 'r', first.manifest, 'v1', exclusive)),
      other: (store) => outcome(storeManifest(store, 'r', second.manifest, 'v1', exclusive)),
      async check(store, one, other) {
        expect([one, other].toSorted()).toEqual(['done', 'refused']);
        const winner = one === 'done' ? first : second;
        expect(await store.tags.resolve('r', 'v1')).toBe(winner.manifest.descriptor.digest);
      },
    });
  });

  test('a blob that was pushed is there, when another repository deletes its own', async () => {
    const path = `/v2/other/blobs/${blob.descriptor.digest}`;
    await interleaved({
      prepare: (store) => storeBlob(store, 'other', blob),
      one: (store) => storeBlob(store, 'r', blob),
      other: (store) => attempt(store, 'DELETE', path),
      async check(store) {
        expect(await store.blobs.size('r', blob.descriptor.digest)).toBe(blob.bytes.length);
        expect(await store.blobs.size('other', blob.descriptor.digest)).toBeUndefined();
      },
    });
  });

  test('a blob that two push at once is whole', async () => {
    await interleaved({
      prepare: () => Promise.resolve(),
      one: (store) => storeBlob(store, 'r', blob),
      other: (store) => storeBlob(store, 'r', blob),
      async check(store) {
        expect(await store.blobs.size('r', blob.descriptor.digest)).toBe(blob.bytes.length);
      },
    });
  });
}, 60_000);

interface Requests<One, Other> {
  readonly prepare: (store: Store) => Promise<unknown>;
  readonly one: (store: Store) => Promise<One>;
  readonly other: (store: Store) => Promise<Other>;
  readonly check: (store: Store, one: One, other: Other) => Promise<void>;
}

/** Runs two requests, each as a process of its own would, with their steps in many orders. */
async function interleaved<One, Other>(requests: Requests<One, Other>): Promise<void> {
  const parent = await temporaryDirectory();
  const turns = fc.array(fc.boolean(), { minLength: 1, maxLength: 40, size: 'max' });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(turns, async (order) => {
      const directory = join(parent, String((run += 1)));
      const { files } = faultyFiles();
      await requests.prepare(await openStore(directory, { files }));
      const sides = inTurns(files, order);
      const [one, other] = await Promise.all([
        requests.one(storeOf(directory, sides.one)).finally(() => sides.end(0)),
        requests.other(storeOf(directory, sides.other)).finally(() => sides.end(1)),
      ]);
      await requests.check(await openStore(directory, { files }), one, other);
      expect(await faultsIn(directory)).toEqual([]);
    }),
    { numRuns: 150 },
  );
}

async function attempt(store: Store, method: string, path: string): Promise<string> {
  return outcome(exchange(store, method, path));
}

async function outcome(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => 'done',
    () => 'refused',
  );
}
