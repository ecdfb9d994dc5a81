import {
  memoryRepository,
  type BlobStore,
  type Content,
  type Repository,
} from '@teleport-plugins/oci';
import { expect, test } from 'vitest';

import { RegistryError } from '../error.js';
import { copyGraph } from './copy.js';
import type { CopyEvent } from './events.js';
import { partsIn, partsOf, store, testImage } from './test/images.js';

const image = testImage([Buffer.alloc(100_000, 'x')]);

test('a destination can have the content of a blob again, and progress then begins again', async () => {
  const to = memoryRepository('to');
  const repeating: BlobStore = {
    ...to.blobs,
    async push(blob, content, options) {
      await beginning(content);
      await to.blobs.push(blob, options?.reopen?.() ?? content, options);
    },
  };
  const events: CopyEvent[] = [];
  await copyGraph(await holding(), { ...to, blobs: repeating }, image.root, {
    onEvent: (event) => events.push(event),
  });
  expect(await partsIn(to, image)).toEqual(partsOf(image));
  const progress = events.flatMap((event) => (event.kind === 'copying' ? [event.bytes] : []));
  expect(Math.max(...progress)).toBe(100_000);
});

test('a failure of the source is told with what is known of it', async () => {
  const from = await holding();
  const cause = new RegistryError('throttled', 'try later', { transient: true, retryAfter: 5000 });
  const broken: Repository = {
    ...from,
    manifests: { ...from.manifests, fetch: () => Promise.reject(cause) },
  };
  await expect(copyGraph(broken, memoryRepository('to'), image.root)).rejects.toMatchObject({
    code: 'source-failed',
    message: `reading manifest ${image.root.digest} from from failed: try later`,
    transient: true,
    retryAfter: 5000,
    cause,
  });
});

test('what a destination makes of an error of the source is told as the error of the source', async () => {
  const from = await holding();
  const broken: Repository = {
    ...from,
    blobs: {
      ...from.blobs,
      fetch: async function* () {
        await Promise.resolve();
        throw new Error('disk on fire');
      },
    },
  };
  const to = memoryRepository('to');
  const own: BlobStore = {
    ...to.blobs,
    push: (blob, content) =>
      to.blobs.push(blob, content).catch(() => {
        throw new Error('the request was aborted');
      }),
  };
  await expect(copyGraph(broken, { ...to, blobs: own }, image.root)).rejects.toThrow(
    /^reading blob .* from from failed: disk on fire$/,
  );
});

test('the source is closed when the destination fails in the middle of a blob', async () => {
  const from = await holding();
  let open = 0;
  const watched: Repository = {
    ...from,
    blobs: {
      ...from.blobs,
      async *fetch(blob) {
        open += 1;
        try {
          for await (const piece of from.blobs.fetch(blob)) {
            yield piece.subarray(0, 1);
            yield piece.subarray(1);
          }
        } finally {
          open -= 1;
        }
      },
    },
  };
  const to = memoryRepository('to');
  const own: BlobStore = {
    ...to.blobs,
    async push(_blob, content) {
      for await (const piece of content) throw new Error(`full after ${piece.byteLength}`);
    },
  };
  await expect(copyGraph(watched, { ...to, blobs: own }, image.root)).rejects.toThrow(
    'full after 1',
  );
  expect(open).toBe(0);
});

async function holding(): Promise<Repository> {
  const repository = memoryRepository('from');
  await store(image, repository);
  return repository;
}

async function beginning(content: Content): Promise<void> {
  for await (const piece of content) if (piece.byteLength > 0) return;
}
