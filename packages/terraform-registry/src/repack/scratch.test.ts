import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { inPieces } from '../test/content.js';
import { writeScratch, type ScratchFiles } from './scratch.js';

test('a scratch file has all bytes of its content', async () => {
  const path = join(await temporaryDirectory(), 'x');
  await writeScratch(path, inPieces(Buffer.from('content'), [1, 0, 3]));
  expect(await readFile(path, 'utf8')).toBe('content');
});

test.each(['open', 'first write', 'second write', 'close'])(
  'a failure of its %s is an error, and nothing stays',
  async (step) => {
    const refuse = (name: string) =>
      name === step ? Promise.reject(new Error(`ENOSPC: ${name}`)) : Promise.resolve();
    const steps = ['first write', 'second write'];
    const removed: string[] = [];
    const files: ScratchFiles = {
      async open() {
        await refuse('open');
        return { writeFile: () => refuse(steps.shift() ?? ''), close: () => refuse('close') };
      },
      unlink: (path) => Promise.resolve(void removed.push(path)),
    };
    const writing = writeScratch('/scratch/x', inPieces(Buffer.from('ab'), [1]), { files });
    await expect(writing).rejects.toMatchObject({
      code: 'scratch-failed',
      message: `/scratch/x: cannot be written: ENOSPC: ${step}; make room there and run this again`,
    });
    expect(removed).toEqual(step === 'open' ? [] : ['/scratch/x']);
  },
);

test('a failure of its content is kept, and nothing stays', async () => {
  const directory = await temporaryDirectory();
  const failing = (async function* () {
    yield Buffer.from('a');
    await Promise.resolve();
    throw new Error('the archive is damaged');
  })();
  await expect(writeScratch(join(directory, 'x'), failing)).rejects.toThrow(
    'the archive is damaged',
  );
  expect(await readdir(directory)).toEqual([]);
});
