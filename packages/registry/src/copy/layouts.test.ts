import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createLayout, memoryRepository, splitDigest, type Digest } from '@teleport-plugins/oci';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { copyGraph } from './copy.js';
import { tagOnce } from './tags.js';
import { partsIn, partsOf, store, testImage, testIndex, twoPlatforms } from './test/images.js';
import { stepped } from './test/stepped.js';
import { verifyCopied } from './verify.js';

const image = twoPlatforms();

describe('a layout as the source', () => {
  test.each([...image.blobs.keys()])(
    'with the damaged blob %s is the side that failed, and no image appears',
    async (digest) => {
      const directory = await temporaryDirectory();
      const layout = await createLayout(directory);
      await store(image, layout);
      const file = blobFile(directory, digest);
      const bytes = await readFile(file);
      await writeFile(
        file,
        bytes.map((byte) => byte ^ 1),
      );
      const to = memoryRepository('to');
      await expect(copyGraph(layout, to, image.root)).rejects.toMatchObject({
        code: 'source-failed',
        message: expect.stringContaining(`reading blob ${digest} from ${directory}`) as string,
      });
      const parts = await partsIn(to, image);
      expect(parts.has(digest)).toBe(false);
      for (const manifest of image.manifests.keys()) expect(parts.has(manifest)).toBe(false);
    },
  );

  test('with a blob cut short is the side that failed', async () => {
    const directory = await temporaryDirectory();
    const layout = await createLayout(directory);
    await store(image, layout);
    const [digest] = image.blobs.keys();
    await truncate(blobFile(directory, digest!), 1);
    await expect(copyGraph(layout, memoryRepository('to'), image.root)).rejects.toMatchObject({
      code: 'source-failed',
    });
  });
});

describe('a layout as the destination', () => {
  test('is whole after a process was killed at any step, and complete after another run', async () => {
    const source = memoryRepository('source');
    await store(image, source);
    let killed = true;
    // Every third step: the others are tried in memory.
    for (let last = 0; killed; last += 3) {
      let steps = 0;
      killed = false;
      const dying = () => {
        if (steps++ < last) return;
        killed = true;
        throw new Error('killed');
      };
      const directory = await temporaryDirectory();
      const layout = await createLayout(directory);
      const options = { concurrency: 8 };
      await copyGraph(stepped(source, dying), stepped(layout, dying), image.root, options).catch(
        () => undefined,
      );
      const parts = await partsIn(layout, image);
      if (parts.has(image.root.digest)) expect(parts).toEqual(partsOf(image));
      await copyGraph(source, layout, image.root, options);
      await verifyCopied(layout, image.root);
      await tagOnce(layout, image.root, '9.3.7');
      expect(await blobFiles(directory)).toEqual(partsOf(image));
    }
  });

  test('takes several images at the same time, from several copies', async () => {
    const source = memoryRepository('source');
    const images = Array.from({ length: 4 }, (_, n) =>
      testIndex(testImage(['shared', `${n}`]), testImage(['shared', `${n} more`])),
    );
    for (const each of images) await store(each, source);
    const directory = await temporaryDirectory();
    await createLayout(directory);
    await Promise.all(
      images.map(async ({ root }, n) => {
        const layout = await createLayout(directory);
        await copyGraph(source, layout, root);
        await tagOnce(layout, root, `v${n}`);
      }),
    );
    const layout = await createLayout(directory);
    for (const [n, { root }] of images.entries()) {
      expect((await layout.manifests.resolve(`v${n}`))?.digest).toBe(root.digest);
      await verifyCopied(layout, root);
    }
    expect(await blobFiles(directory)).toEqual(partsOf(...images));
  });
});

function blobFile(directory: string, digest: Digest): string {
  const { algorithm, hex } = splitDigest(digest);
  return join(directory, 'blobs', algorithm, hex);
}

async function blobFiles(directory: string): Promise<Set<string>> {
  const names = await readdir(join(directory, 'blobs', 'sha256'));
  return new Set(names.map((name) => `sha256:${name}`));
}
