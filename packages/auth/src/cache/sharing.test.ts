import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { newTicket, thisProcess } from '@teleport-plugins/folder-lock';
import { bundledProgram, temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { EcrToken } from '../ecr/request-token.js';

import { keep, key, keptIn, openedCache, tokenFor, wish } from './test/tokens.js';

/** Gives tokens with the passwords 1, 2, … */
function counting() {
  let calls = 0;
  return () => Promise.resolve(tokenFor(60, String((calls += 1))));
}

const password = async (token: Promise<EcrToken>) => (await token).password.reveal();

describe('A token that is kept', () => {
  test('is not obtained again', async () => {
    const { cache } = await openedCache();
    const wanted = wish(counting());
    expect(await password(cache.get(key, wanted))).toBe('1');
    expect(await password(cache.get(key, wanted))).toBe('1');
  });

  test('and serves no longer is replaced once, however many say so', async () => {
    const { cache } = await openedCache();
    const isStale = (token: EcrToken) => token.password.reveal() === '1';
    const wanted = wish(counting(), { isStale });
    await cache.get(key, wanted);
    const again = [1, 2, 3].map(() => password(cache.get(key, wanted)));
    expect(await Promise.all(again)).toEqual(['2', '2', '2']);
  });

  test('and is about to expire is never handed out, nor when there is no new one', async () => {
    const { cache } = await openedCache();
    await keep(cache, tokenFor(4, 'old'));
    const failing = wish(() => Promise.reject(new Error('the sign-in has expired')));
    await expect(cache.get(key, failing)).rejects.toThrow('the sign-in has expired');
    expect(await password(cache.get(key, wish(counting())))).toBe('1');
  });
});

describe('A failure', () => {
  test('is told to who asked, and the next one tries again', async () => {
    const { cache, problems } = await openedCache();
    const failing = wish(() => Promise.reject(new Error('access denied')));
    await expect(cache.get(key, failing)).rejects.toThrow('access denied');
    expect(await password(cache.get(key, wish(counting())))).toBe('1');
    expect(problems).toEqual([]);
  });

  test('to wait any longer is no problem of the cache', async () => {
    const { cache, folder, problems } = await openedCache();
    await keep(cache, tokenFor(60));
    const [name = ''] = await readdir(folder);
    await writeFile(join(folder, `${name}.lock`), newTicket(await thisProcess()));
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = cache.get(key, wish(counting(), { isStale: () => true, signal }));
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(problems).toEqual([]);
    expect(await keptIn(cache)).toEqual(tokenFor(60));
  });
});

test('Ten processes that want the same token at once make one call', async () => {
  const { folder, calls } = await shared();
  const children = Array.from({ length: 10 }, () => start('get', folder));
  const outputs = await Promise.all(children.map(outputOf));
  const [maker = ''] = await calls();
  expect(await calls()).toHaveLength(1);
  expect(new Set(outputs)).toEqual(new Set([`token-of-${maker}`]));
  expect(await readdir(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.json$/)]);
});

test('A process killed with SIGKILL while it obtains a token is in nobody’s way', async () => {
  const { folder, calls } = await shared();
  const killed = start('hang', folder);
  if (killed.stdout) await once(killed.stdout, 'data');
  const waiting = Array.from({ length: 3 }, () => start('get', folder));
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const outputs = await Promise.all(waiting.map(outputOf));
  const [, maker = ''] = await calls();
  expect(await calls()).toEqual([String(killed.pid), maker]);
  expect(new Set(outputs)).toEqual(new Set([`token-of-${maker}`]));
});

async function shared() {
  const folder = join(await temporaryDirectory(), 'teleport-release');
  const calls = async () => (await readFile(`${folder}-calls`, 'utf8')).trim().split('\n');
  return { folder, calls };
}

const obtaining = await bundledProgram(new URL('./test/obtaining.ts', import.meta.url));

function start(task: string, folder: string): ChildProcess {
  const child = spawn(process.execPath, [obtaining, task, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function outputOf(child: ChildProcess): Promise<string> {
  let output = '';
  child.stdout?.on('data', (bytes: Buffer) => (output += bytes.toString()));
  await once(child, 'close');
  return output;
}
