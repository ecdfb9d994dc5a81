import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, describe, test } from 'vitest';

import { documentOf, environment, node, run, shell, start } from './program.js';

describe('with-secrets ends as its command does', () => {
  test.each([0, 1, 3, 125, 255])('with exit code %d', async (code) => {
    expect(await run(shell(`exit ${code}`))).toMatchObject({ exitCode: code, signal: null });
  });

  test.each([
    ...(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGPIPE'] as const),
    ...(['SIGSEGV', 'SIGABRT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const),
  ])('by %s', async (signal) => {
    const outcome = await run(shell(`kill -s ${signal.slice(3)} $$`));
    expect(outcome).toEqual({ exitCode: null, signal, stdout: '', stderr: '' });
  });

  test('and says everything that it has said, to the last byte', async () => {
    const { stdout, stderr } = await run(shell('printf out; printf err >&2; kill -s KILL $$'));
    expect({ stdout, stderr }).toEqual({ stdout: 'out', stderr: 'err' });
  });
});

test('npx finds it, and hands on how it ends', async () => {
  const npx = spawn(
    'npx',
    ['with-secrets', '--', 'sh', '-c', 'echo "$1"; exit 3', 'sh', 'two  words'],
    {
      cwd: join(import.meta.dirname, '../../..'),
      env: environment({ npm_config_cache: await temporaryDirectory() }),
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  npx.stdin.end(documentOf({ TOKEN: 'of no interest' }));
  const stdout = text(npx.stdout);
  expect(await once(npx, 'exit')).toEqual([3, null]);
  expect(await stdout).toBe('two  words\n');
});

describe('A command that cannot be run', () => {
  test('is 127 when there is none, named with where it was looked for', async () => {
    expect(await run(['--', 'no-such-command'])).toEqual({
      exitCode: 127,
      signal: null,
      stdout: '',
      stderr: 'with-secrets: "no-such-command": there is no such command on the PATH\n',
    });
    expect(await run(['--', './no-such-command'])).toMatchObject({
      exitCode: 127,
      stderr: 'with-secrets: "./no-such-command": there is no such file\n',
    });
  });

  test.each([
    [['nx run x'], '"nx run x": there is no such command on the PATH; each word'],
    [['A=1', 'env'], '"A=1": there is no such command on the PATH; variables stand before'],
    [
      ['TOKEN', '--', 'env'],
      '"TOKEN": there is no such command on the PATH; names of secrets are given in one word',
    ],
  ])('is explained, where it is a mistake of the command line: %j', async (words, message) => {
    const { exitCode, stderr } = await run(words);
    expect(exitCode).toBe(127);
    expect(stderr).toContain(message);
  });

  test('is 127 when what it is for is not there, whatever its own name looks like', async () => {
    const program = join(await temporaryDirectory(), 'a script');
    await writeFile(program, '#!/no/such/interpreter\n', { mode: 0o755 });
    expect(await run(['--', program])).toMatchObject({
      exitCode: 127,
      stderr: `with-secrets: "${program}": the interpreter that its first line names is not there\n`,
    });
  });

  test('is named without what is secret in it', async () => {
    const { stderr } = await run(['--', 'of no interest']);
    expect(stderr).toMatch(/^with-secrets: "\*\*\*": there is no such command on the PATH/);
  });

  test('is 126 when it may not be executed', async () => {
    const { exitCode, stderr } = await run(['--', '/etc/passwd']);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 126,
      stderr:
        'with-secrets: "/etc/passwd": it cannot be run (EACCES); see whether it is a program, and executable\n',
    });
  });
});

describe('A reader that leaves', () => {
  test('ends the command as it would without with-secrets', async () => {
    const yes = start(['--', 'yes']);
    expect(await yes.line()).toBe('y');
    yes.process.stdout.destroy();
    expect(await yes.ending()).toBe('SIGPIPE');
  });

  test('is told to a command that can live with it, whose exit code counts', async () => {
    const writes = start(
      node(`
        process.stdout.on('error', ({ code }) => process.exit(code === 'EPIPE' ? 7 : 8));
        setInterval(() => process.stdout.write('y\\n'), 1);
      `),
    );
    expect(await writes.line()).toBe('y');
    writes.process.stdout.destroy();
    expect(await writes.ending()).toBe(7);
  });
});
