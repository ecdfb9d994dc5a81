import { expect, test } from 'vitest';

import { contentOf, readAll } from './content.js';
import { repositoryContract } from './contract.js';
import { sampleBlob } from './contract/samples.js';
import { memoryRepository } from './memory.js';
import { withBlobsFrom } from './with-blobs-from.js';

repositoryContract('A repository with blobs from others', () =>
  Promise.resolve(withBlobsFrom(memoryRepository(), memoryRepository('other').blobs)),
);

test('A blob is read where it is, the own repository first, and written to the own', async () => {
  const [own, first, second] = ['own', 'first', 'second'].map((name) => memoryRepository(name));
  const joined = withBlobsFrom(own!, first!.blobs, second!.blobs);
  const { descriptor, bytes } = sampleBlob('base layer');
  expect(await joined.blobs.exists(descriptor)).toBe(false);

  await second!.blobs.push(descriptor, contentOf(bytes));
  expect(await joined.blobs.exists(descriptor)).toBe(true);
  expect(await readAll(joined.blobs.fetch(descriptor), { limit: 100 })).toEqual(bytes);
  expect(await own!.blobs.exists(descriptor)).toBe(false);

  await joined.blobs.push(descriptor, contentOf(bytes));
  expect(await own!.blobs.exists(descriptor)).toBe(true);
  expect(await first!.blobs.exists(descriptor)).toBe(false);
  expect(joined.name).toBe('own');
});

test('Mounting is there where the own repository has it', async () => {
  const own = memoryRepository();
  expect(withBlobsFrom(own).blobs).not.toHaveProperty('mount');
  const mounting = { ...own, blobs: { ...own.blobs, mount: () => Promise.resolve(true) } };
  const { descriptor } = sampleBlob('mounted');
  expect(await withBlobsFrom(mounting).blobs.mount?.(descriptor, 'acme/base')).toBe(true);
});
