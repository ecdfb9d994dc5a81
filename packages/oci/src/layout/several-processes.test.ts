import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';

import { bundledProgram, temporaryDirectory, treeOf } from '@teleport-plugins/testing';
import { expect, onTestFinished, test } from 'vitest';

import { gathered, pushImage, sampleImage } from '../contract/samples.js';
import { createLayout } from './layout.js';

const writer = await bundledProgram(new URL('./test/writer.ts', import.meta.url));

function start(...given: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [writer, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('Several processes write one layout at once, and nothing of any is lost', async () => {
  const directory = await temporaryDirectory();
  const names = ['a', 'b', 'c', 'd'];
  const children = names.map((name) => start('tag', directory, name, '12'));
  const ends = await Promise.all(children.map((child) => once(child, 'exit')));
  expect(ends.map(([code]) => code as unknown)).toEqual([0, 0, 0, 0]);

  const { manifests } = await createLayout(directory);
  const tags = await gathered(manifests.tags());
  const numbers = Array.from({ length: 12 }, (_, number) => number);
  expect(new Set(tags)).toEqual(
    new Set(names.flatMap((name) => numbers.map((number) => `${name}-${number}`))),
  );
  expect(await readdir(directory)).toEqual(['blobs', 'index.json', 'oci-layout']);
}, 60_000);

test.each(['hold', 'stall'])(
  'A process killed with SIGKILL (%s) is in nobody’s way, and leaves nothing behind',
  async (task) => {
    const directory = await temporaryDirectory();
    const undisturbed = await temporaryDirectory();
    const image = sampleImage('after the kill');

    const child = start(task, directory);
    if (child.stdout) await once(child.stdout, 'data');
    expect(await readdir(directory)).toContainEqual(expect.stringMatching(/^\.(lock|unfinished)/));
    child.kill('SIGKILL');
    await once(child, 'exit');

    for (const each of [directory, undisturbed]) {
      const layout = await createLayout(each);
      await pushImage(layout, image);
      await layout.manifests.tag(image.descriptor, 'latest');
    }
    expect(await treeOf(directory)).toEqual(await treeOf(undisturbed));
  },
  60_000,
);
