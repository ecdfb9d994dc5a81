import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { documentOf, environment, shell, start } from './program.js';

const canaries = {
  TOKEN: 'canary-one-5e1d7c',
  KEY: '-----BEGIN KEY-----\ncanary-two-93ab04\ncanary-three-77f1e2\n-----END KEY-----\n',
};
const marks = ['canary-one-5e1d7c', 'canary-two-93ab04', 'canary-three-77f1e2'];

/** What a file of a process holds; nothing of one that has ended, or is another user's. */
function ofProcess(id: string, file: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

function processesWith(file: 'cmdline' | 'environ'): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => marks.some((mark) => ofProcess(id, file).includes(mark)))
    .map(Number);
}

/** The names of all files below a folder that hold a canary, or cannot be read. */
async function filesWith(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const text = await readFile(join(entry.parentPath, entry.name), 'latin1');
    if (marks.some((mark) => text.includes(mark))) found.push(entry.name);
  }
  return found;
}

test('secrets are in the environment of the command, and nowhere else', async () => {
  const temporary = await temporaryDirectory();
  const command = start(
    shell(
      'echo $$; echo "$TOKEN $KEY"; echo "$KEY" >&2; trap "exit 0" USR1; while :; do wait; done',
    ),
    { input: documentOf(canaries), env: environment({ TMPDIR: temporary, HOME: temporary }) },
  );
  let complaints = '';
  command.process.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const id = Number(await command.line());
  const output = [await command.line()];
  expect(processesWith('environ')).toEqual([id]);
  expect(processesWith('cmdline')).toEqual([]);
  // The folder of the socket.
  expect(await readdir(temporary)).toHaveLength(1);
  expect(await filesWith(temporary)).toEqual([]);
  command.signal('SIGUSR1');
  output.push(...(await command.rest()));
  expect(await command.ending()).toBe(0);
  expect(output).toEqual(['*** -----BEGIN KEY-----', '***', '***', '-----END KEY-----', '']);
  await expect.poll(() => complaints).toBe('-----BEGIN KEY-----\n***\n***\n-----END KEY-----\n\n');
  expect(await readdir(temporary)).toEqual([]);
  const cache = join(
    import.meta.dirname,
    '../../../node_modules/.cache/source-bundle/with-secrets',
  );
  expect(await filesWith(cache)).toEqual([]);
});

test('also when with-secrets is killed, nothing is left behind', async () => {
  const temporary = await temporaryDirectory();
  const command = start(shell('echo ready; sleep 1000'), {
    input: documentOf(canaries),
    env: environment({ TMPDIR: temporary }),
  });
  expect(await command.line()).toBe('ready');
  expect(processesWith('environ')).not.toEqual([]);
  command.signal('SIGKILL');
  expect(await command.ending()).toBe('SIGKILL');
  await expect.poll(() => processesWith('environ'), slow).toEqual([]);
  await expect.poll(() => readdir(temporary), slow).toEqual([]);
});

test('core dumps hold no memory', async () => {
  const command = start(shell('cat /proc/$PPID/coredump_filter /proc/self/coredump_filter'));
  expect(await command.rest()).toEqual(['00000000', '00000000']);
});

/** Asking comes five seconds before killing. */
const slow = { timeout: 60_000 };
