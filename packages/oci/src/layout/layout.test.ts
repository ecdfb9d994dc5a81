import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { faultyProcess, temporaryDirectory, treeOf } from '@teleport-plugins/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { contentOf } from '../content.js';
import { repositoryContract } from '../contract.js';
import { gathered, pushImage, sampleImage } from '../contract/samples.js';
import type { Descriptor } from '../descriptor.js';
import { createLayout, createLayoutIn, openLayout, previewLayout } from './layout.js';
import { images, index, signature, writeSample } from './test/sample-layout.js';

repositoryContract('An image layout', async () => createLayout(await temporaryDirectory()));

describe('An image layout as files', () => {
  test('is what the specification says, byte for byte', async () => {
    const directory = await temporaryDirectory();
    const layout = await createLayout(directory);
    const image = sampleImage('golden');
    await pushImage(layout, image);
    await layout.manifests.tag(image.descriptor, '1.0.0');
    const hexes = [image, ...image.blobs]
      .map(({ descriptor }) => descriptor.digest.slice(7))
      .sort();
    const tree = await treeOf(directory);
    expect(tree.map((entry) => entry.split(': ')[0])).toEqual([
      'blobs/',
      'blobs/sha256/',
      ...hexes.map((hex) => `blobs/sha256/${hex}`),
      'index.json',
      'oci-layout',
    ]);
    expect(await readFile(join(directory, 'oci-layout'), 'utf8')).toBe(
      '{"imageLayoutVersion":"1.0.0"}',
    );
    expect(await readFile(join(directory, 'index.json'), 'utf8')).toBe(`{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.index.v1+json",
  "manifests": [
    {
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "digest": "${image.descriptor.digest}",
      "size": ${image.descriptor.size},
      "annotations": {
        "org.opencontainers.image.ref.name": "1.0.0"
      }
    }
  ]
}
`);
  });

  test('lists what no index leads to, and what has a tag', async () => {
    const directory = await temporaryDirectory();
    await writeSample(await createLayout(directory));
    const { manifests } = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8')) as {
      manifests: readonly Descriptor[];
    };
    expect(manifests.map(({ digest }) => digest)).toEqual([
      signature.descriptor.digest,
      index.descriptor.digest,
    ]);
  });

  test('is the same in every order of writing', async () => {
    const process = faultyProcess('self', new Set());
    const expected = await temporaryDirectory();
    await writeSample(await createLayoutIn(process, expected));
    const tree = await treeOf(expected);
    const blobs = [...images, signature].flatMap((image) => image.blobs);
    const order = fc.shuffledSubarray([...images, index, signature], { minLength: 4 });
    await fc.assert(
      fc.asyncProperty(order, fc.nat({ max: 3 }), async (documents, tagAfter) => {
        const directory = await temporaryDirectory();
        const { blobs: store, manifests } = await createLayoutIn(process, directory);
        await Promise.all(
          blobs.map(({ descriptor, bytes }) => store.push(descriptor, contentOf(bytes))),
        );
        for (const [position, { descriptor, bytes }] of documents.entries()) {
          await manifests.push(descriptor, bytes);
          const isThere = documents.indexOf(index) <= position;
          if (isThere && position >= tagAfter) await manifests.tag(index.descriptor, '1.0.0');
        }
        await manifests.tag(index.descriptor, '1.0.0');
        expect(await treeOf(directory)).toEqual(tree);
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  test('is not touched by writing again what is there', async () => {
    const directory = await temporaryDirectory();
    const layout = await createLayout(directory);
    await writeSample(layout);
    const path = join(directory, 'index.json');
    // The same to a reader, so that any writing shows.
    const text = `${await readFile(path, 'utf8')}\n\n`;
    await writeFile(path, text);
    await layout.manifests.push(index.descriptor, index.bytes);
    await layout.manifests.push(images[0].descriptor, images[0].bytes);
    await layout.manifests.tag(index.descriptor, '1.0.0');
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('keeps what other tools wrote to its index', async () => {
    const directory = await temporaryDirectory();
    const layout = await createLayout(directory);
    await writeSample(layout);
    const path = join(directory, 'index.json');
    const document = JSON.parse(await readFile(path, 'utf8')) as { manifests: unknown[] };
    const foreign = [
      {
        mediaType: 'application/vnd.example.unknown+json',
        digest: `sha256:${'0'.repeat(64)}`,
        size: 3,
        extra: { kept: true },
        annotations: { 'org.opencontainers.image.ref.name': 'docker.io/library/foreign:1' },
      },
      { ...images[1].descriptor, platform: { os: 'linux', architecture: 'arm64' } },
    ];
    document.manifests.push(...foreign);
    await writeFile(path, JSON.stringify({ ...document, annotations: { ours: 'too' } }));

    await layout.manifests.tag(images[0].descriptor, 'new');
    const after = JSON.parse(await readFile(path, 'utf8')) as { manifests: unknown[] };
    expect(after).toMatchObject({ annotations: { ours: 'too' } });
    for (const entry of foreign) expect(after.manifests).toContainEqual(entry);
    expect(await gathered(layout.manifests.tags())).toEqual(['1.0.0', 'new']);
  });

  test('may miss the blobs of its images', async () => {
    const layout = await createLayout(await temporaryDirectory());
    const [image] = images;
    await layout.manifests.push(image.descriptor, image.bytes);
    await layout.manifests.tag(image.descriptor, 'base');
    expect(await layout.manifests.resolve('base')).toEqual(image.descriptor);
    expect(await layout.blobs.exists(image.blobs[0]!.descriptor)).toBe(false);
  });
});

describe('Opening a layout', () => {
  test('changes nothing, and creating it again neither', async () => {
    const directory = await temporaryDirectory();
    await writeSample(await createLayout(directory));
    const before = await treeOf(directory);
    for (const open of [openLayout, createLayout]) {
      const layout = await open(directory);
      expect(layout.name).toBe(directory);
      expect(await layout.manifests.resolve('1.0.0')).toEqual(index.descriptor);
      expect(await treeOf(directory)).toEqual(before);
    }
  });

  test('creates the folders that are missing above it', async () => {
    const directory = join(await temporaryDirectory(), 'not', 'yet', 'there');
    await expect(openLayout(directory)).rejects.toMatchObject({ code: 'layout-invalid' });
    await createLayout(directory);
    expect(await gathered((await openLayout(directory)).manifests.tags())).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('says so where no folder can be made', async () => {
    // Node's own recursive mkdir never returns here.
    await expect(createLayout('/proc/layout')).rejects.toMatchObject({
      code: 'layout-failed',
      message: expect.stringContaining('/proc/layout: cannot make the folder') as string,
    });
  });

  test('does nothing once aborted', async () => {
    const directory = join(await temporaryDirectory(), 'layout');
    const options = { signal: AbortSignal.abort(new Error('enough')) };
    await expect(createLayout(directory, options)).rejects.toThrow('enough');
    await expect(openLayout(directory, options)).rejects.toThrow('enough');
    await expect(treeOf(directory)).rejects.toThrow('ENOENT');
  });

  test('at the same time gives one layout', async () => {
    const directory = join(await temporaryDirectory(), 'layout');
    const opened = await Promise.all([1, 2, 3, 4].map(() => createLayout(directory)));
    await Promise.all(
      opened.map(async (layout, position) => {
        const image = sampleImage(`image ${position}`);
        await pushImage(layout, image);
        await layout.manifests.tag(image.descriptor, `tag-${position}`);
      }),
    );
    const tags = await gathered((await openLayout(directory)).manifests.tags());
    expect(tags).toEqual(['tag-0', 'tag-1', 'tag-2', 'tag-3']);
  });

  test('does not take a folder with other things in it for one', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'package.json'), '{}');
    await expect(createLayout(directory)).rejects.toMatchObject({
      code: 'layout-invalid',
      message: `${directory}: has "package.json" in it and is not an image layout; choose an empty folder`,
    });
    expect(await treeOf(directory)).toEqual(['package.json: {}']);
    const file = join(directory, 'package.json');
    await expect(createLayout(file)).rejects.toMatchObject({ code: 'layout-failed' });
    await expect(createLayout(join(file, 'below'))).rejects.toThrow('is not a folder');
    await expect(openLayout(file)).rejects.toMatchObject({ code: 'layout-invalid' });
  });

  test('can be looked at before it is made, and nothing is changed by that', async () => {
    const directory = await temporaryDirectory();
    const missing = join(directory, 'not', 'yet', 'there');
    for (const folder of [directory, missing]) {
      const layout = await previewLayout(folder);
      expect(layout.name).toBe(folder);
      expect(await gathered(layout.manifests.tags())).toEqual([]);
    }
    expect(await treeOf(directory)).toEqual([]);

    await writeSample(await createLayout(directory));
    const before = await treeOf(directory);
    const layout = await previewLayout(directory);
    expect(await layout.manifests.resolve('1.0.0')).toEqual(index.descriptor);
    expect(await treeOf(directory)).toEqual(before);
  });

  test('cannot be looked at where it could not be made', async () => {
    const directory = await temporaryDirectory();
    const file = join(directory, 'package.json');
    await writeFile(file, '{}');
    await expect(previewLayout(directory)).rejects.toThrow('choose an empty folder');
    await expect(previewLayout(file)).rejects.toMatchObject({ code: 'layout-failed' });
    const options = { signal: AbortSignal.abort(new Error('enough')) };
    await expect(previewLayout(join(directory, 'x'), options)).rejects.toThrow('enough');
  });
});
