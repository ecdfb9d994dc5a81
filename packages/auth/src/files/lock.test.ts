import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { newTicket, thisProcess } from '@teleport-plugins/folder-lock';
import { bundledProgram, temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import { withLock } from './lock.js';

const newHolder = async () => newTicket(await thisProcess());

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A holder that was there, and is no more. */
async function endedHolder(): Promise<string> {
  const child = spawn(process.execPath, ['--eval', '']);
  await once(child, 'exit');
  return (await newHolder()).replace(`.${process.pid}.`, `.${child.pid ?? 0}.`);
}

describe('A lock', () => {
  test('is held by one at a time, and leaves nothing behind', async () => {
    const folder = await temporaryDirectory();
    let holders = 0;
    let most = 0;
    const all = Array.from({ length: 20 }, (_, number) =>
      withLock(join(folder, 'lock'), {}, async () => {
        holders += 1;
        most = Math.max(most, holders);
        await turn();
        holders -= 1;
        return number;
      }),
    );
    expect(await Promise.all(all)).toEqual(all.map((_, number) => number));
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test('is given back when the work fails, and the error is its own', async () => {
    const folder = await temporaryDirectory();
    const work = () => Promise.reject(new Error('the work failed'));
    await expect(withLock(join(folder, 'lock'), {}, work)).rejects.toThrow('the work failed');
    expect(await readdir(folder)).toEqual([]);
  });

  test('of a process that has ended is taken, by one only of many', async () => {
    const holder = await endedHolder();
    for (let round = 0; round < 20; round += 1) {
      const folder = await temporaryDirectory();
      const file = join(folder, 'lock');
      await writeFile(file, holder);
      let holders = 0;
      const work = async () => {
        holders += 1;
        expect(holders).toBe(1);
        await turn();
        holders -= 1;
      };
      await Promise.all(Array.from({ length: 4 }, () => withLock(file, { patience: 1e9 }, work)));
      expect(await readdir(folder)).toEqual([]);
    }
  });

  test.runIf(process.platform === 'linux')(
    'of a process whose number another one has got since is taken',
    async () => {
      const file = join(await temporaryDirectory(), 'lock');
      const [owner = '', ...id] = (await newHolder()).split('-');
      const [where, pid] = owner.split('.');
      await writeFile(file, [[where, pid, '1'].join('.'), ...id].join('-'));
      expect(await withLock(file, { patience: 1e9 }, () => Promise.resolve('taken'))).toBe('taken');
    },
  );

  test.each([
    ['that lives', newHolder],
    ['on another machine', () => Promise.resolve('elsewhere.1.1-x')],
    ['of whom nothing can be read', () => Promise.resolve('')],
  ])('of a holder %s is taken when patience is over', async (_which, holder) => {
    const folder = await temporaryDirectory();
    const file = join(folder, 'lock');
    await writeFile(file, await holder());
    expect(await withLock(file, { patience: 1 }, () => Promise.resolve('taken'))).toBe('taken');
    expect(await readdir(folder)).toEqual([]);
  });

  test('that has been taken over is left to who holds it now', async () => {
    const file = join(await temporaryDirectory(), 'lock');
    await withLock(file, {}, () => writeFile(file, 'somebody else'));
    expect(await readFile(file, 'utf8')).toBe('somebody else');
  });

  test('is no longer waited for once aborted', async () => {
    const folder = await temporaryDirectory();
    const file = join(folder, 'lock');
    await writeFile(file, await newHolder());
    const controller = new AbortController();
    const work = () => Promise.reject(new Error('not reached'));
    const waiting = withLock(file, { signal: controller.signal }, work);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['lock']);
  });

  test('of a process killed with SIGKILL is in nobody’s way', async () => {
    const folder = await temporaryDirectory();
    const file = join(folder, 'lock');
    const program = await bundledProgram(new URL('./test/holding.ts', import.meta.url));
    const holder = spawn(process.execPath, [program, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void holder.kill('SIGKILL'));
    await once(holder.stdout, 'data');
    expect(await readdir(folder)).toEqual(['lock']);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await withLock(file, { patience: 1e9 }, () => Promise.resolve('taken'))).toBe('taken');
    expect(await readdir(folder)).toEqual([]);
  });
});
