import * as fs from 'node:fs/promises';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { folderLock, type LockSurroundings } from './folder-lock.js';
import { newTicket } from './processes.js';

const withLock = folderLock<LockSurroundings>({
  name: '.lock',
  unfinishedPath: (directory, { processes }) => join(directory, `.new-${newTicket(processes)}`),
  locked: (message, cause) => Object.assign(new Error(message, { cause }), { code: 'locked' }),
  explained: (error, act, file) =>
    error instanceof Error && 'errno' in error
      ? new Error(`${file}: cannot ${act}`, { cause: error })
      : error,
});

/** A process of its own, as far as locks can tell, which knows who is dead. */
function processNamed(self: string, dead: ReadonlySet<string>): LockSurroundings {
  return {
    fs,
    processes: {
      self,
      state: (name) => Promise.resolve(dead.has(name) ? 'dead' : 'alive'),
    },
    wait: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

/** A lock that a process took and never gave back. */
async function leftLocked(directory: string, holder: string): Promise<void> {
  await mkdir(join(directory, '.lock'));
  await writeFile(join(directory, '.lock', `${holder}-1b4e28ba`), '');
}

/** The same, on a machine on which nobody knows whether other processes live. */
function amongStrangers(process: LockSurroundings): LockSurroundings {
  return {
    ...process,
    processes: { ...process.processes, state: () => Promise.resolve('unknown') },
  };
}

describe('The lock of a folder', () => {
  test('is held by one at a time, and leaves nothing behind', async () => {
    const directory = await temporaryDirectory();
    let holders = 0;
    let most = 0;
    const all = Array.from({ length: 20 }, (_, number) =>
      withLock(directory, processNamed(`p${number % 4}`, new Set()), undefined, async () => {
        holders += 1;
        most = Math.max(most, holders);
        await new Promise((resolve) => setImmediate(resolve));
        holders -= 1;
        return number;
      }),
    );
    expect(await Promise.all(all)).toEqual(all.map((_, number) => number));
    expect(most).toBe(1);
    expect(await readdir(directory)).toEqual([]);
  });

  test('is given back when the work fails, and the error is its own', async () => {
    const directory = await temporaryDirectory();
    const process = processNamed('self', new Set());
    const work = () => Promise.reject(new Error('the work failed'));
    await expect(withLock(directory, process, undefined, work)).rejects.toThrow('the work failed');
    expect(await readdir(directory)).toEqual([]);
  });

  test('is taken from a dead process at once', async () => {
    const directory = await temporaryDirectory();
    await leftLocked(directory, 'dead');
    const process = processNamed('self', new Set(['dead']));
    const waited = { ...process, wait: () => Promise.reject(new Error('waited')) };
    expect(await withLock(directory, waited, undefined, () => Promise.resolve('done'))).toBe(
      'done',
    );
    expect(await readdir(directory)).toEqual([]);
  });

  test('is taken by one only, of many who find its holder dead', async () => {
    for (let round = 0; round < 20; round += 1) {
      const directory = await temporaryDirectory();
      await leftLocked(directory, 'dead');
      let holders = 0;
      const work = async () => {
        holders += 1;
        expect(holders).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        holders -= 1;
      };
      await Promise.all(
        ['a', 'b', 'c', 'd'].map((name) =>
          withLock(directory, processNamed(name, new Set(['dead'])), undefined, work),
        ),
      );
    }
  });

  test('of a living process is waited for, and after a minute named in the error', async () => {
    const directory = await temporaryDirectory();
    await leftLocked(directory, 'host.4711.99');
    const process = processNamed('self', new Set());
    const work = () => Promise.reject(new Error('not reached'));
    await expect(withLock(directory, process, undefined, work)).rejects.toMatchObject({
      code: 'locked',
      message: `${join(directory, '.lock')}: process 4711 has been writing here for more than 60 seconds; wait for it or end it, then run this again`,
    });
    expect(await readdir(directory)).toEqual(['.lock']);
  }, 60_000);

  test('of a process elsewhere, of which nothing is known, is taken after a minute', async () => {
    const directory = await temporaryDirectory();
    await leftLocked(directory, 'elsewhere.1.1');
    let waited = 0;
    const process: LockSurroundings = {
      ...amongStrangers(processNamed('self', new Set())),
      wait: (milliseconds) => {
        waited += milliseconds;
        return Promise.resolve();
      },
    };
    expect(await withLock(directory, process, undefined, () => Promise.resolve('done'))).toBe(
      'done',
    );
    expect(waited).toBeGreaterThan(60_000);
    expect(await readdir(directory)).toEqual([]);
  }, 60_000);

  test('tells a process that it was taken from, before that one makes its change visible', async () => {
    const directory = await temporaryDirectory();
    const process = processNamed('self', new Set());
    const work = withLock(directory, process, undefined, async (held) => {
      await rm(held.file);
      await held.confirm();
    });
    await expect(work).rejects.toMatchObject({ code: 'locked' });
    const late = withLock(directory, process, undefined, (held) => rm(held.file));
    await expect(late).rejects.toMatchObject({ code: 'locked' });
  });

  test('is no longer waited for once aborted', async () => {
    const directory = await temporaryDirectory();
    await leftLocked(directory, 'busy');
    const controller = new AbortController();
    const process: LockSurroundings = {
      ...processNamed('self', new Set()),
      wait: () => {
        controller.abort(new Error('enough'));
        return Promise.resolve();
      },
    };
    const work = () => Promise.reject(new Error('not reached'));
    await expect(withLock(directory, process, { signal: controller.signal }, work)).rejects.toThrow(
      'enough',
    );
    expect(await readdir(directory)).toEqual(['.lock']);
  });

  test('that stayed behind empty is in nobody’s way', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, '.lock'));
    const process = processNamed('self', new Set());
    expect(await withLock(directory, process, undefined, () => Promise.resolve(1))).toBe(1);
  });

  test('says what the file system refused, in the words of who locks', async () => {
    const directory = join(await temporaryDirectory(), 'absent');
    const work = () => Promise.reject(new Error('not reached'));
    await expect(
      withLock(directory, processNamed('self', new Set()), undefined, work),
    ).rejects.toMatchObject({
      message: `${directory}: cannot lock it`,
      cause: { code: 'ENOENT' },
    });
  });
});
