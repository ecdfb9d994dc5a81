import {
  memoryRepository,
  type Descriptor,
  type ManifestStore,
  type Repository,
} from '@teleport-plugins/oci';
import { describe, expect, test } from 'vitest';

import { moveTag, tagOnce } from './tags.js';
import { store, testImage } from './test/images.js';

const one = testImage(['one']);
const other = testImage(['other']);

describe('tagOnce', () => {
  test('tags once, and the same manifest again is already tagged', async () => {
    const repository = await holdingBoth();
    expect(await tagOnce(repository, one.root, '9.3.7')).toBe('tagged');
    expect(await tagOnce(repository, one.root, '9.3.7')).toBe('already');
    expect(await taggedIn(repository)).toBe(one.root.digest);
  });

  test('refuses to move a tag, and names both digests', async () => {
    const repository = await holdingBoth();
    await tagOnce(repository, one.root, '9.3.7');
    const refused: unknown = await tagOnce(repository, other.root, '9.3.7').catch(
      (error: unknown) => error,
    );
    expectTagExists(refused, other.root, one.root);
    expect(await taggedIn(repository)).toBe(one.root.digest);
  });

  test('writes nothing when the tag is there', async () => {
    const repository = await holdingBoth();
    await repository.manifests.tag(one.root, '9.3.7');
    const readOnly = withManifests(repository, {
      tag: () => Promise.reject(new Error('written')),
    });
    expect(await tagOnce(readOnly, one.root, '9.3.7')).toBe('already');
  });

  test('does not tag a manifest that is not there', async () => {
    const repository = memoryRepository();
    await expect(tagOnce(repository, one.root, '9.3.7')).rejects.toThrow('no such manifest');
    expect(await repository.manifests.resolve('9.3.7')).toBeUndefined();
  });

  test('takes a write whose answer was lost, or that was refused as repeated, for what it did', async () => {
    const repository = await holdingBoth();
    const lossy = withManifests(repository, {
      tag: async (...write) => {
        await repository.manifests.tag(...write);
        throw new Error('connection reset');
      },
    });
    expect(await tagOnce(lossy, one.root, '9.3.7')).toBe('tagged');
  });

  test('throws what made the write fail when it was not made', async () => {
    const repository = await holdingBoth();
    const broken = withManifests(repository, {
      tag: () => Promise.reject(new Error('denied')),
    });
    await expect(tagOnce(broken, one.root, '9.3.7')).rejects.toThrow(/^denied$/);
  });

  test('says so when the tag is gone after the write', async () => {
    const repository = await holdingBoth();
    const forgetful = withManifests(repository, { tag: () => Promise.resolve() });
    await expect(tagOnce(forgetful, one.root, '9.3.7')).rejects.toMatchObject({
      code: 'tag-changed',
    });
  });

  test('does not read the tag back once it is aborted', async () => {
    const repository = await holdingBoth();
    const controller = new AbortController();
    const aborting = withManifests(repository, {
      tag: () => {
        controller.abort(new Error('the user said stop'));
        return Promise.reject(new Error('aborted'));
      },
    });
    await expect(
      tagOnce(aborting, one.root, '9.3.7', { signal: controller.signal }),
    ).rejects.toThrow(/^aborted$/);
  });
});

describe('two writers of one tag', () => {
  const orders = interleavings(3, 3);

  test('of the same manifest both succeed, in every order of their requests', async () => {
    for (const order of orders) {
      const repository = await holdingBoth();
      const outcomes = await race(repository, order, [one.root, one.root]);
      expect(outcomes).not.toContainEqual(expect.any(Error));
      expect(outcomes).toContain('tagged');
    }
  });

  test('of two manifests: one wins and the other is told, in every order, where writes are exclusive', async () => {
    for (const order of orders) {
      const repository = await holdingBoth();
      const [first, second] = await race(repository, order, [one.root, other.root]);
      const final = await taggedIn(repository);
      const [winner, loser, losing] =
        final === one.root.digest ? [first, second, other.root] : [second, first, one.root];
      expect(winner, String(order)).toBe('tagged');
      const won = losing === one.root ? other.root : one.root;
      expectTagExists(loser, losing, won);
    }
  });

  test('of two manifests, elsewhere: nobody is told wrong unless one is done inside the gap of the other', async () => {
    let silent = 0;
    for (const order of orders) {
      const repository = await holdingBoth();
      const overwriting = withManifests(repository, {
        tag: (manifest, tag) => repository.manifests.tag(manifest, tag),
      });
      const [first, second] = await race(overwriting, order, [one.root, other.root]);
      const final = await taggedIn(repository);
      expect(final === one.root.digest ? first : second).toBe('tagged');
      const loser = final === one.root.digest ? second : first;
      if (loser === 'tagged') silent += 1;
      else expect(loser).toMatchObject({ code: 'tag-exists' });
    }
    // One writer: read, write, read back. The other one: read before that, write after that.
    expect(silent).toBe(orders.filter(isDoneInTheGap).length);
  });
});

describe('moveTag', () => {
  test('tags, moves, and does nothing when the tag is where it should be', async () => {
    const repository = await holdingBoth();
    expect(await moveTag(repository, one.root, 'latest')).toBe('tagged');
    expect(await moveTag(repository, other.root, 'latest')).toBe('moved');
    expect(await moveTag(repository, other.root, 'latest')).toBe('already');
    expect(await taggedIn(repository, 'latest')).toBe(other.root.digest);
  });

  test('says so when somebody else moves the tag at the same moment', async () => {
    const repository = await holdingBoth();
    const contested = withManifests(repository, {
      tag: async (manifest, tag) => {
        await repository.manifests.tag(manifest, tag);
        await repository.manifests.tag(other.root, tag);
      },
    });
    await expect(moveTag(contested, one.root, 'latest')).rejects.toMatchObject({
      code: 'tag-changed',
      message: expect.stringContaining(one.root.digest) as string,
    });
  });
});

async function holdingBoth(): Promise<Repository> {
  const repository = memoryRepository('staging');
  await store(one, repository);
  await store(other, repository);
  return repository;
}

function withManifests(repository: Repository, manifests: Partial<ManifestStore>): Repository {
  return { ...repository, manifests: { ...repository.manifests, ...manifests } };
}

async function taggedIn(repository: Repository, tag = '9.3.7'): Promise<string | undefined> {
  return (await repository.manifests.resolve(tag))?.digest;
}

function expectTagExists(error: unknown, wanted: Descriptor, existing: Descriptor): void {
  expect(error).toMatchObject({ name: 'RegistryError', code: 'tag-exists' });
  const { message } = error as Error;
  expect(message).toContain(`staging:9.3.7 is ${existing.digest}`);
  expect(message).toContain(wanted.digest);
}

type Order = readonly (0 | 1)[];

/** Two writers at once, whose requests reach the repository in the given order. */
async function race(
  repository: Repository,
  order: Order,
  wanted: readonly [Descriptor, Descriptor],
): Promise<readonly unknown[]> {
  const waiting: [(() => void)[], (() => void)[]] = [[], []];
  const gate = (writer: 0 | 1) => () =>
    new Promise<void>((resolve) => {
      waiting[writer].push(resolve);
    });
  const write = (writer: 0 | 1) =>
    tagOnce(gated(repository, gate(writer)), wanted[writer], '9.3.7').catch(
      (error: unknown) => error,
    );
  const outcomes = Promise.all([write(0), write(1)]);
  for (const writer of order) {
    await turnOfTheEventLoop();
    waiting[writer].shift()?.();
  }
  return outcomes;
}

function gated(repository: Repository, pass: () => Promise<void>): Repository {
  const { manifests } = repository;
  return withManifests(repository, {
    resolve: (reference) => pass().then(() => manifests.resolve(reference)),
    tag: (manifest, tag, options) => pass().then(() => manifests.tag(manifest, tag, options)),
  });
}

/** All orders of so many requests of each of two writers. */
function interleavings(first: number, second: number): readonly Order[] {
  if (first + second === 0) return [[]];
  const then = (writer: 0 | 1, orders: readonly Order[]) =>
    orders.map((order): Order => [writer, ...order]);
  return [
    ...(first > 0 ? then(0, interleavings(first - 1, second)) : []),
    ...(second > 0 ? then(1, interleavings(first, second - 1)) : []),
  ];
}

/** Whether one writer reads the tag back before the other one writes, which had read it before. */
function isDoneInTheGap(order: Order): boolean {
  const requestsOf = (writer: 0 | 1) => order.flatMap((each, at) => (each === writer ? [at] : []));
  const [[read0, write0, back0], [read1, write1, back1]] = [requestsOf(0), requestsOf(1)];
  return (read1! < write0! && back0! < write1!) || (read0! < write1! && back1! < write0!);
}

async function turnOfTheEventLoop(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
