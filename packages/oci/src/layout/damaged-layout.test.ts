import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory, treeOf } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { contentOf } from '../content.js';
import { gathered, sampleBlob } from '../contract/samples.js';
import type { Descriptor } from '../descriptor.js';
import { mediaType } from '../media-type.js';
import { createLayout, openLayout } from './layout.js';
import { images, index, writeSample } from './test/sample-layout.js';

describe('A damaged layout', () => {
  const damages: readonly [string, string, string, string][] = [
    ['is cut short', 'oci-layout', '{"imageLay', 'oci-layout: is not JSON'],
    ['is empty', 'oci-layout', '', 'oci-layout: is not JSON'],
    ['is huge', 'oci-layout', ' '.repeat(5000), 'oci-layout: is longer than 4096 bytes'],
    ['has no version', 'oci-layout', '{}', 'the member "imageLayoutVersion" is missing'],
    [
      'has another version',
      'oci-layout',
      '{"imageLayoutVersion":"2.0.0"}',
      '"2.0.0" is not supported',
    ],
    ['is cut short', 'index.json', '{"schemaVersion":2', 'index.json: is not JSON'],
    ['is empty', 'index.json', '', 'index.json: is not JSON'],
    ['is binary', 'index.json', '{"\xff', 'index.json: is not UTF-8 text'],
    ['is another document', 'index.json', '{"name":"x"}', 'index.json: its schemaVersion is not 2'],
    [
      'is of another type',
      'index.json',
      '{"schemaVersion":2,"mediaType":"application/json"}',
      'index.json: "application/json" is not the type of an index',
    ],
    [
      'has an entry that is none',
      'index.json',
      '{"schemaVersion":2,"manifests":[{"size":1}]}',
      'index.json: manifests[0]: the member "mediaType" is missing',
    ],
    [
      'leads out of the folder',
      'index.json',
      '{"schemaVersion":2,"manifests":[{"mediaType":"a/b","size":1,"digest":"sha256:../../../x"}]}',
      'index.json: manifests[0]: digest: "sha256:../../../x" is not a digest',
    ],
  ];

  test.each(damages)(
    'of which a file %s is an error that names it: %s',
    async (_, name, text, message) => {
      const directory = await temporaryDirectory();
      const layout = await createLayout(directory);
      await writeSample(layout);
      await writeFile(join(directory, name), text, 'latin1');
      const before = await treeOf(directory);
      const error: unknown = await openLayout(directory).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: 'OciError', code: 'layout-invalid' });
      expect((error as Error).message).toContain(message);
      expect((error as Error).message).toContain(join(directory, name));
      expect((error as Error).message).toContain(
        'the image layout is damaged: delete it and write the image again',
      );
      await expect(createLayout(directory)).rejects.toMatchObject({ code: 'layout-invalid' });
      if (name === 'index.json') {
        const write = layout.manifests.tag(index.descriptor, 'new');
        await expect(write).rejects.toMatchObject({ code: 'layout-invalid' });
      }
      expect(await treeOf(directory)).toEqual(before);
    },
  );

  test('without an index is not given a new one, which would hide what is lost', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    await expect(createLayout(directory)).rejects.toThrow('index.json: is missing');
  });

  const blobFile = (directory: string, { digest }: Descriptor) =>
    join(directory, 'blobs', 'sha256', digest.slice('sha256:'.length));

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(1)],
    ['longer', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
    ['changed', (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 1))],
  ])('of which a blob is %s says so, and is repaired by writing it again', async (_, damage) => {
    const directory = await temporaryDirectory();
    const layout = await createLayout(directory);
    await writeSample(layout);
    const blob = images[0].blobs[1]!;
    const damaged = [blob, images[0], images[1], index];
    for (const { descriptor, bytes } of damaged) {
      await writeFile(blobFile(directory, descriptor), damage(Buffer.from(bytes)));
    }
    const named = (descriptor: Descriptor) => ({
      code: 'content-mismatch',
      message: expect.stringContaining(blobFile(directory, descriptor)) as string,
    });
    await expect(gathered(layout.blobs.fetch(blob.descriptor))).rejects.toMatchObject(
      named(blob.descriptor),
    );
    for (const { descriptor } of [images[0], index]) {
      await expect(layout.manifests.fetch(descriptor)).rejects.toMatchObject(named(descriptor));
    }
    await writeSample(layout);
    expect(await gathered(layout.blobs.fetch(blob.descriptor))).toEqual([blob.bytes]);
    expect(await layout.manifests.fetch(index.descriptor)).toEqual(index.bytes);
    expect(await layout.manifests.fetch(images[1].descriptor)).toEqual(images[1].bytes);
  });

  test('of which a tag leads nowhere names the file that is missing', async () => {
    const directory = await temporaryDirectory();
    const layout = await createLayout(directory);
    const entry = {
      ...sampleBlob('lost', mediaType.ociManifest).descriptor,
      annotations: { 'org.opencontainers.image.ref.name': 'lost' },
    };
    const other = { ...entry, ...sampleBlob('other', mediaType.ociManifest).descriptor };
    const write = (manifests: readonly unknown[]) =>
      writeFile(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    await write([entry]);
    await expect(layout.manifests.resolve('lost')).rejects.toThrow(blobFile(directory, entry));
    await write([entry, other]);
    await expect(layout.manifests.resolve('lost')).rejects.toThrow(
      `index.json: the tag lost is on two manifests, ${entry.digest} and ${other.digest}`,
    );
    await writeSample(layout);
    await layout.manifests.tag(index.descriptor, 'lost');
    expect(await layout.manifests.resolve('lost')).toEqual(index.descriptor);
  });

  test('of which a blob is a folder does not have that blob', async () => {
    const directory = await temporaryDirectory();
    const layout = await createLayout(directory);
    const { descriptor, bytes } = sampleBlob('a file');
    await mkdir(blobFile(directory, descriptor), { recursive: true });
    expect(await layout.blobs.exists(descriptor)).toBe(false);
    await expect(layout.blobs.push(descriptor, contentOf(bytes))).rejects.toMatchObject({
      code: 'layout-failed',
      message: expect.stringContaining(blobFile(directory, descriptor)) as string,
    });
  });
});
