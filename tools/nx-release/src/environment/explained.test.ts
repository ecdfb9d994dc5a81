import {
  descriptorOf,
  mediaType,
  memoryRepository,
  type Content,
  type Repository,
} from '@teleport-plugins/oci';
import { expect, test } from 'vitest';

import { explained } from './explained.js';

const bytes = Buffer.from('{}');
const descriptor = descriptorOf(mediaType.ociConfig, bytes);

/** One request of each kind, which reads its answer to the end. */
const requests: Readonly<Record<string, (repository: Repository) => Promise<unknown>>> = {
  'blobs.exists': ({ blobs }) => blobs.exists(descriptor),
  'blobs.fetch': ({ blobs }) => drained(blobs.fetch(descriptor)),
  'blobs.push': ({ blobs }) => blobs.push(descriptor, contentOf(bytes)),
  'blobs.mount': async ({ blobs }) => blobs.mount?.(descriptor, 'other'),
  'manifests.resolve': ({ manifests }) => manifests.resolve('1'),
  'manifests.fetch': ({ manifests }) => manifests.fetch(descriptor),
  'manifests.push': ({ manifests }) => manifests.push(descriptor, bytes),
  'manifests.tag': ({ manifests }) => manifests.tag(descriptor, '1'),
  'manifests.tags': ({ manifests }) => drained(manifests.tags()),
  'manifests.referrers': ({ manifests }) => drained(manifests.referrers(descriptor)),
};

test.each(Object.keys(requests))('what %s throws is replaced', async (name) => {
  const repository = explained(broken(), (error) => new Error('explained', { cause: error }));
  const failure = requests[name]?.(repository);
  await expect(failure).rejects.toMatchObject({ message: 'explained', cause: { message: 'no' } });
});

test('no request is left out', () => {
  const { blobs, manifests } = broken();
  const operations = [
    ...Object.keys(blobs).map((name) => `blobs.${name}`),
    ...Object.keys(manifests).map((name) => `manifests.${name}`),
  ];
  expect(Object.keys(requests).sort()).toEqual(operations.sort());
});

test('answers pass as they are, and what a store cannot do stays so', async () => {
  const memory = memoryRepository();
  const repository = explained(memory, () => new Error('never'));
  await requests['blobs.push']?.(repository);
  expect(await repository.blobs.exists(descriptor)).toBe(true);
  expect(repository).toMatchObject({ name: memory.name });
  expect('mount' in repository.blobs).toBe('mount' in memory.blobs);
});

function broken(): Repository {
  const fail = () => Promise.reject(new Error('no'));
  // eslint-disable-next-line @typescript-eslint/require-await -- it breaks at once
  async function* failing(): AsyncIterable<never> {
    throw new Error('no');
  }
  return {
    name: 'broken',
    blobs: { exists: fail, fetch: failing, push: fail, mount: fail },
    manifests: {
      ...{ resolve: fail, fetch: fail, push: fail, tag: fail },
      ...{ tags: failing, referrers: failing },
    },
  };
}

async function drained(each: AsyncIterable<unknown>): Promise<void> {
  const iterator = each[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}

// eslint-disable-next-line @typescript-eslint/require-await -- content comes piece by piece
async function* contentOf(piece: Uint8Array): Content {
  yield piece;
}
