import {
  contentOf,
  memoryRepository,
  type Descriptor,
  type Repository,
} from '@teleport-plugins/oci';
import { describe, expect, test } from 'vitest';

import { copyGraph } from './copy.js';
import type { CopyEvent } from './events.js';
import { planCopy } from './plan.js';
import { counted, stepped, type Step } from './test/stepped.js';
import { partsIn, partsOf, store, testImage, testIndex, twoPlatforms } from './test/images.js';

const image = twoPlatforms();
const size = (descriptors: Iterable<{ readonly descriptor: Descriptor }>) =>
  [...descriptors].reduce((sum, { descriptor }) => sum + descriptor.size, 0);
const everything = {
  count: 9,
  bytes: size([...image.manifests.values(), ...image.blobs.values()]),
};
const nothing = { count: 0, bytes: 0 };

describe('copyGraph', () => {
  test('copies an index with everything below it, each part once', async () => {
    const steps: Step[] = [];
    const from = stepped(await holding(image), (step) => steps.push(step));
    const to = memoryRepository('to');
    const recorded = stepped(to, (step) => steps.push(step));

    const result = await copyGraph(from, recorded, image.root);

    expect(result).toEqual({ copied: everything, mounted: nothing, skipped: nothing });
    expect(await partsIn(to, image)).toEqual(partsOf(image));
    for (const [digest, { descriptor, bytes }] of image.manifests) {
      expect(Buffer.from(await to.manifests.fetch(descriptor)), digest).toEqual(Buffer.from(bytes));
    }
    expect([...counted(steps).values()].filter((count) => count !== 1)).toEqual([]);
  });

  test('asks for nothing that is as cheap to do', async () => {
    const steps: Step[] = [];
    const to = stepped(memoryRepository('to'), (step) => steps.push(step));
    await copyGraph(await holding(image), to, image.root);
    const operations = steps.filter(({ at }) => at === 'before').map(({ operation }) => operation);
    expect(operations.filter((each) => each === 'manifest.resolve')).toHaveLength(1);
    expect(operations.filter((each) => each === 'blob.exists')).toHaveLength(image.blobs.size);
    expect(operations.filter((each) => each === 'blob.push')).toHaveLength(image.blobs.size);
    expect(operations.filter((each) => each === 'manifest.push')).toHaveLength(3);
  });

  test('writes leaves first and the root last', async () => {
    const written: string[] = [];
    const to = stepped(memoryRepository('to'), ({ operation, at, about }) => {
      if (operation.endsWith('.push') && at === 'after') written.push(about);
    });
    await copyGraph(await holding(image), to, image.root);
    expect(new Set(written.slice(0, 6))).toEqual(new Set(image.blobs.keys()));
    expect(written.at(-1)).toBe(image.root.digest);
    expect(written).toHaveLength(9);
  });

  test('copies nothing that is there, and repairs what is missing below a root that is', async () => {
    const from = await holding(image);
    const to = memoryRepository('to');
    const [, second] = image.manifests.values();
    for (const { descriptor, bytes } of image.manifests.values()) {
      if (descriptor !== second!.descriptor) await to.manifests.push(descriptor, bytes);
    }

    const repaired = await copyGraph(from, to, image.root);
    expect(repaired.copied.count).toBe(7);
    expect(repaired.skipped.count).toBe(2);
    expect(await partsIn(to, image)).toEqual(partsOf(image));

    expect(await copyGraph(from, to, image.root)).toEqual({
      copied: nothing,
      mounted: nothing,
      skipped: everything,
    });
  });

  test('copies an image that is no index, and an index of indexes with shared parts', async () => {
    const shared = testImage(['a', 'b']);
    const nested = testIndex(testIndex(shared, testImage(['c'])), shared, testIndex(shared));
    for (const each of [shared, nested]) {
      const to = memoryRepository('to');
      await copyGraph(await holding(nested), to, each.root);
      expect(await partsIn(to, nested)).toEqual(partsOf(each));
    }
  });

  test('tells of everything it finds before it writes, then of progress and ends', async () => {
    const large = testImage([Buffer.alloc(300_000, 'x')]);
    const events: CopyEvent[] = [];
    await copyGraph(await holding(large), memoryRepository('to'), large.root, {
      onEvent: (event) => events.push(event),
    });
    expect(events.slice(0, 3).map((event) => event.kind)).toEqual(['found', 'found', 'found']);
    expect(events.slice(3).map((event) => event.kind)).not.toContain('found');
    expect(events.filter((event) => event.kind === 'copied')).toHaveLength(3);
    const found = events.flatMap((event) => (event.kind === 'found' ? [event] : []));
    expect(found.every(({ action }) => action === 'copy')).toBe(true);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'copying', bytes: 300_000 }));
  });

  test('two copies of images that share blobs, at the same time, both succeed', async () => {
    const other = testIndex(testImage(['base', 'other']), testImage(['base', 'amd64']));
    const from = memoryRepository('from');
    await store(image, from);
    await store(other, from);
    const to = memoryRepository('to');
    await Promise.all([copyGraph(from, to, image.root), copyGraph(from, to, other.root)]);
    expect(await partsIn(to, image)).toEqual(partsOf(image));
    expect(await partsIn(to, other)).toEqual(partsOf(other));
  });

  test('never has more pieces of work under way than it may', async () => {
    const wide = testIndex(...Array.from({ length: 12 }, (_, n) => testImage([`${n}`])));
    const from = await holding(wide);
    for (const concurrency of [1, 3]) {
      let now = 0;
      let most = 0;
      const busy = (inner: Repository): Repository =>
        stepped(inner, ({ operation, at }) => {
          if (operation !== 'blob.push' || at === 'during') return;
          now += at === 'before' ? 1 : -1;
          most = Math.max(most, now);
        });
      await copyGraph(from, busy(memoryRepository('to')), wide.root, { concurrency });
      expect(most).toBe(concurrency);
    }
  });
});

describe('mounting', () => {
  test('mounts blobs without asking for them when the root is new', async () => {
    const from = await holding(image);
    const steps: Step[] = [];
    const to = stepped(mountable(memoryRepository('to'), from), (step) => steps.push(step));
    const result = await copyGraph(from, to, image.root, { mountFrom: 'gravitational/from' });
    expect(result.mounted).toEqual({ count: 6, bytes: size(image.blobs.values()) });
    expect(result.copied.count).toBe(3);
    expect(steps.some(({ operation }) => operation === 'blob.exists')).toBe(false);
    expect(await partsIn(to, image)).toEqual(partsOf(image));
  });

  test('copies what the registry does not mount, unless it is there', async () => {
    const from = await holding(image);
    const [first] = image.blobs.values();
    const to = memoryRepository('to');
    await to.blobs.push(first!.descriptor, contentOf(first!.bytes));
    const refusing = { ...to, blobs: { ...to.blobs, mount: () => Promise.resolve(false) } };
    const result = await copyGraph(from, refusing, image.root, { mountFrom: 'from' });
    expect(result.mounted).toEqual(nothing);
    expect(result.skipped.count).toBe(1);
    expect(result.copied.count).toBe(8);
  });

  test('copies where the destination cannot mount', async () => {
    const to = memoryRepository('to');
    const result = await copyGraph(await holding(image), to, image.root, { mountFrom: 'from' });
    expect(result.copied).toEqual(everything);
  });
});

describe('planCopy', () => {
  test('says what copyGraph then does, and writes nothing', async () => {
    const from = await holding(image);
    const [first] = image.blobs.values();
    const to = memoryRepository('to');
    await to.blobs.push(first!.descriptor, contentOf(first!.bytes));
    const reading = stepped(to, ({ operation }) => {
      if (/push|tag|mount/.test(operation)) throw new Error(`${operation} while planning`);
    });

    const plan = await planCopy(from, reading, image.root);

    expect(plan).toMatchObject({ from: 'from', to: 'to', root: image.root });
    expect(plan.nodes).toHaveLength(9);
    expect(plan.nodes.filter(({ action }) => action === 'skip')).toEqual([
      { kind: 'blob', descriptor: first!.descriptor, action: 'skip' },
    ]);
    expect(plan.nodes.slice(-3).map(({ kind }) => kind)).toEqual(Array(3).fill('manifest'));
    expect(plan.nodes.at(-1)?.descriptor.digest).toBe(image.root.digest);
    const { copied, mounted, skipped } = await copyGraph(from, to, image.root);
    expect([plan.copy, plan.mount, plan.skip]).toEqual([copied, mounted, skipped]);
  });

  test('is followed by copyGraph without reading or asking again', async () => {
    const from = await holding(image);
    const to = mountable(memoryRepository('to'), from);
    const plan = await planCopy(from, to, image.root, { mountFrom: 'from' });
    const steps: Step[] = [];
    const record = (step: Step) => steps.push(step);
    const result = await copyGraph(stepped(from, record), stepped(to, record), image.root, {
      plan,
    });
    expect([result.copied, result.mounted, result.skipped]).toEqual([
      plan.copy,
      plan.mount,
      plan.skip,
    ]);
    expect(new Set(steps.map(({ operation }) => operation))).toEqual(
      new Set(['blob.mount', 'manifest.push']),
    );
    expect(await partsIn(to, image)).toEqual(partsOf(image));
  });

  test('is refused by a copy that it is not for', async () => {
    const from = await holding(image);
    const to = memoryRepository('to');
    const plan = await planCopy(from, to, image.root);
    const [other] = image.manifests.values();
    for (const copy of [
      copyGraph(from, memoryRepository('elsewhere'), image.root, { plan }),
      copyGraph(from, to, other!.descriptor, { plan }),
      copyGraph(from, to, image.root, { plan: structuredClone(plan) }),
    ]) {
      await expect(copy).rejects.toThrow('not a plan to copy');
    }
  });

  test('is frozen', async () => {
    const plan = await planCopy(await holding(image), memoryRepository('to'), image.root);
    for (const part of [plan, plan.nodes, plan.copy, ...plan.nodes]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

async function holding(held: typeof image): Promise<Repository> {
  const repository = memoryRepository('from');
  await store(held, repository);
  return repository;
}

/** A repository of the registry that `other` is in. */
function mountable(repository: Repository, other: Repository): Repository {
  const { blobs } = repository;
  return {
    ...repository,
    blobs: {
      ...blobs,
      mount: async (blob) => {
        if (!(await other.blobs.exists(blob))) return false;
        await blobs.push(blob, other.blobs.fetch(blob));
        return true;
      },
    },
  };
}
