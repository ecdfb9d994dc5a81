import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { temporaryDirectory } from '@teleport-plugins/testing';

import { Refusal } from './refusal.js';
import { openStore, storeOf, type Store } from './store.js';
import { image, layer, location, withQuery } from './test/content.js';
import { exchange, storeBlob, storeBlobs, storeImage, storeManifest } from './test/exchange.js';
import { faultyFiles, type Fault, type FaultyFiles } from './test/faulty-files.js';
import { faultsIn } from './test/inspect.js';

/** Something that writes, and how it is known to be done. */
interface Scenario {
  readonly title: string;
  readonly prepare?: (store: Store) => Promise<unknown>;
  readonly act: (store: Store) => Promise<unknown>;
  readonly done: (store: Store) => Promise<boolean>;
}

const first = image('first');
const second = image('second');
const signature = image('signature', { subject: first.manifest.descriptor });
const { digest: firstDigest } = first.manifest.descriptor;
const { digest: secondDigest } = second.manifest.descriptor;
const blob = layer('a blob of some length'.repeat(1000));

const scenarios: readonly Scenario[] = [
  {
    title: 'pushing a blob',
    act: (store) => storeBlob(store, 'r', blob),
    done: (store) => holds(store, 'r'),
  },
  {
    title: 'pushing a blob that the repository has',
    prepare: (store) => storeBlob(store, 'r', blob),
    act: (store) => storeBlob(store, 'r', blob),
    done: (store) => holds(store, 'r'),
  },
  {
    title: 'pushing a blob that another repository has',
    prepare: (store) => storeBlob(store, 'other', blob),
    act: (store) => storeBlob(store, 'r', blob),
    done: (store) => holds(store, 'r'),
  },
  {
    title: 'pushing a blob in chunks',
    async act(store) {
      const begun = location(await exchange(store, 'POST', '/v2/r/blobs/uploads/'));
      const half = blob.bytes.length >> 1;
      await exchange(store, 'PATCH', begun, { body: blob.bytes.subarray(0, half) });
      const path = withQuery(begun, { digest: blob.descriptor.digest });
      await exchange(store, 'PUT', path, { body: blob.bytes.subarray(half) });
    },
    done: (store) => holds(store, 'r'),
  },
  {
    title: 'mounting a blob',
    prepare: (store) => storeBlob(store, 'other', blob),
    act: (store) =>
      exchange(
        store,
        'POST',
        withQuery('/v2/r/blobs/uploads/', { mount: blob.descriptor.digest, from: 'other' }),
      ),
    done: (store) => holds(store, 'r'),
  },
  {
    title: 'pushing a manifest with a tag',
    prepare: (store) => storeBlobs(store, 'r', first),
    act: (store) => storeManifest(store, 'r', first.manifest, 'v1'),
    done: async (store) => (await store.tags.resolve('r', 'v1')) === firstDigest,
  },
  {
    title: 'making a tag that may not move',
    prepare: (store) => storeImage(store, 'r', first),
    act: (store) => storeManifest(store, 'r', first.manifest, 'v1', { 'if-none-match': '*' }),
    done: async (store) => (await store.tags.resolve('r', 'v1')) === firstDigest,
  },
  {
    title: 'moving a tag',
    async prepare(store) {
      await storeImage(store, 'r', second);
      await storeImage(store, 'r', first, 'v1');
    },
    act: (store) => storeManifest(store, 'r', second.manifest, 'v1'),
    done: async (store) => (await store.tags.resolve('r', 'v1')) === secondDigest,
  },
  {
    title: 'pushing a manifest with a subject',
    prepare: (store) => storeBlobs(store, 'r', signature),
    act: (store) => storeManifest(store, 'r', signature.manifest),
    done: async (store) => {
      const [referrer] = await store.manifests.referrers('r', firstDigest);
      return referrer !== undefined && (await store.manifests.read('r', referrer)) !== undefined;
    },
  },
  {
    title: 'deleting a tag',
    prepare: (store) => storeImage(store, 'r', first, 'v1'),
    act: (store) => deleted(store, '/v2/r/manifests/v1'),
    done: async (store) => (await store.tags.list('r')).length === 0,
  },
  {
    title: 'deleting a manifest with its tags',
    async prepare(store) {
      await storeImage(store, 'r', first, 'v1');
      await storeManifest(store, 'r', first.manifest, 'v2');
    },
    act: (store) => deleted(store, `/v2/r/manifests/${firstDigest}`),
    done: async (store) =>
      (await store.manifests.read('r', firstDigest)) === undefined &&
      (await store.tags.list('r')).length === 0,
  },
  {
    title: 'deleting a blob',
    prepare: (store) => storeBlob(store, 'r', blob),
    act: (store) => deleted(store, `/v2/r/blobs/${blob.descriptor.digest}`),
    done: async (store) => (await store.blobs.size('r', blob.descriptor.digest)) === undefined,
  },
];

describe('whichever step of the file system fails, or is the last of the process', () => {
  for (const { title, prepare, act, done } of scenarios) {
    for (const kind of ['fails', 'stops'] as const) {
      test(`${title} leaves all that is served whole, and can be done again: ${kind}`, async () => {
        await forEachStep(kind, async (faulty, directory) => {
          const { files } = faultyFiles();
          const store = await openStore(directory, { files });
          await prepare?.(store);
          const hit = storeOf(directory, faulty.files);
          faulty.arm();
          const completed = await act(hit).then(
            () => true,
            () => false,
          );
          expect(await faultsIn(directory)).toEqual([]);
          if (completed) expect(await done(store)).toBe(true);
          await act(store);
          expect(await faultsIn(directory)).toEqual([]);
          expect(await done(store)).toBe(true);
        });
      });
    }
  }

  test.each(['fails', 'stops'] as const)('a folder can be opened again: %s', async (kind) => {
    await forEachStep(kind, async (faulty, directory) => {
      faulty.arm();
      await openStore(directory, { files: faulty.files }).catch(() => undefined);
      const store = await openStore(directory);
      expect(await store.repositories()).toEqual([]);
    });
  });
}, 60_000);

/** Once more with the fault one step later, until there is no such step. */
async function forEachStep(
  kind: Fault['kind'],
  run: (faulty: FaultyFiles, directory: string) => Promise<void>,
): Promise<void> {
  const parent = await temporaryDirectory();
  for (let step = 1; ; step += 1) {
    const faulty = faultyFiles({ step, kind });
    await run(faulty, join(parent, String(step))).catch((cause: unknown) => {
      throw new Error(`at step ${step}`, { cause });
    });
    if (faulty.steps() < step) return;
  }
}

async function holds(store: Store, repository: string): Promise<boolean> {
  return (await store.blobs.size(repository, blob.descriptor.digest)) === blob.bytes.length;
}

/** What is gone already is deleted. */
async function deleted(store: Store, path: string): Promise<void> {
  try {
    await exchange(store, 'DELETE', path);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 404) throw error;
  }
}
