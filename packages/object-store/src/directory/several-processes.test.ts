import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { bundledProgram, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, onTestFinished, test } from 'vitest';

import { keysOf, plain, text, textOf } from '../contract/samples.js';
import { allCounted, countsIn } from '../test/counting.js';
import { directoryStore } from './directory-store.js';

const writer = await bundledProgram(new URL('./test/writer.ts', import.meta.url));

function start(...given: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [writer, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('32 processes change one document 5 times each, and nothing of any is lost', async () => {
  const directory = await temporaryDirectory();
  const names = Array.from({ length: 32 }, (_, at) => `process-${at}`);
  const children = names.map((name) => start('add', directory, name, '5'));
  const ends = await Promise.all(children.map((child) => once(child, 'exit')));
  expect(ends.map(([code]) => code as unknown)).toEqual(names.map(() => 0));
  expect(await countsIn(directoryStore(directory), 'document')).toEqual(allCounted(names, 5));
  expect(await readdir(directory)).toEqual(['.object-store', 'document']);
  expect(await readdir(join(directory, '.object-store'))).toEqual(['attributes']);
}, 180_000);

test.each(['hold', 'stall'])(
  'A process killed with SIGKILL (%s) is in nobody’s way, and leaves nothing behind',
  async (task) => {
    const directory = await temporaryDirectory();
    const internal = join(directory, '.object-store');
    await directoryStore(directory).put('a/b', text('before'), plain('create'));

    const child = start(task, directory);
    if (child.stdout) await once(child.stdout, 'data');
    expect(await readdir(internal)).toContainEqual(expect.stringMatching(/^lock|^unfinished/));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await textOf(directoryStore(directory), 'a/b')).toBe('before');

    await directoryStore(directory).put('a/b', text('after'), plain('overwrite'));
    expect(await textOf(directoryStore(directory), 'a/b')).toBe('after');
    expect(await keysOf(directoryStore(directory))).toEqual(['a/b']);
    expect(await readdir(internal)).toEqual(['attributes']);
  },
  60_000,
);
