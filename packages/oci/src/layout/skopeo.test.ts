import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { gathered, pushImage, sampleIndex, sampleRunnable } from '../contract/samples.js';
import { readAll } from '../content.js';
import { createLayout, openLayout } from './layout.js';

const run = promisify(execFile);

describeWithPeer({ program: 'skopeo', install: 'apt-get install skopeo' }, (skopeo) => {
  const images = [sampleRunnable('amd64'), sampleRunnable('arm64')];
  const index = sampleIndex(images);

  async function sampleLayout(): Promise<string> {
    const directory = await temporaryDirectory();
    const layout = await createLayout(directory);
    for (const image of images) await pushImage(layout, image);
    await layout.manifests.push(index.descriptor, index.bytes);
    await layout.manifests.tag(index.descriptor, '1.0.0');
    await layout.manifests.tag(images[0]!.descriptor, '1.0.0-amd64');
    return directory;
  }

  test('skopeo reads what is written here', async () => {
    const directory = await sampleLayout();
    for (const [tag, { bytes }] of [
      ['1.0.0', index],
      ['1.0.0-amd64', images[0]!],
    ] as const) {
      const { stdout } = await run(skopeo, ['inspect', '--raw', `oci:${directory}:${tag}`], {
        encoding: 'buffer',
      });
      expect(Buffer.compare(stdout, bytes)).toBe(0);
    }
  });

  test('what skopeo writes is read here, and both write on', async () => {
    const [from, to] = [await sampleLayout(), await temporaryDirectory()];
    const copy = (tag: string, copied: string) =>
      run(skopeo, [
        ...['copy', '--insecure-policy', '--all', '--preserve-digests'],
        ...[`oci:${from}:${tag}`, `oci:${to}:${copied}`],
      ]);
    await copy('1.0.0', '1.0.0');
    const layout = await openLayout(to);
    expect(await layout.manifests.resolve('1.0.0')).toEqual(index.descriptor);
    for (const image of images) {
      expect(await layout.manifests.fetch(image.descriptor)).toEqual(image.bytes);
      for (const { descriptor, bytes } of image.blobs) {
        expect(await readAll(layout.blobs.fetch(descriptor), { limit: 10_000 })).toEqual(bytes);
      }
    }
    await layout.manifests.tag(images[1]!.descriptor, 'ours');
    await copy('1.0.0-amd64', 'theirs');
    await layout.manifests.tag(index.descriptor, 'ours-too');
    expect(await gathered(layout.manifests.tags())).toEqual([
      ...['1.0.0', 'ours', 'ours-too', 'theirs'],
    ]);
    expect(await layout.manifests.resolve('theirs')).toEqual(images[0]!.descriptor);
  });
});
