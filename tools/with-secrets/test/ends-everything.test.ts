import { expect, onTestFinished, test } from 'vitest';

import { node, run, shell, start, stateOf } from './program.js';

/** Starts a process that does not listen to SIGTERM, and says its number once it does not. */
const deaf = `sh -c 'trap "" TERM HUP; echo $$; while :; do sleep 0.01; done'`;

test('what the command leaves behind in its process group ends with it', async () => {
  const { exitCode, stdout, stderr } = await run(shell('sleep 1000 & echo $!; exit 4'));
  expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: '' });
  expect(stateOf(Number(stdout))).toBeUndefined();
});

test('also what does not listen to SIGTERM, and what is stopped', async () => {
  const waits = "trap 'exit 4' USR1; while :; do wait; done";
  const command = start(shell(`${deaf} & sleep 1000 & kill -s STOP $!; echo $!; ${waits}`));
  const ids = [Number(await command.line()), Number(await command.line())];
  expect(ids.map(stateOf)).not.toContain(undefined);
  command.signal('SIGUSR1');
  expect(await command.ending()).toBe(4);
  expect(ids.map(stateOf)).toEqual([undefined, undefined]);
});

test('when with-secrets is killed, the command and its children end', async () => {
  const command = start(shell('sleep 1000 & echo $!; echo $$; wait'));
  const ids = [Number(await command.line()), Number(await command.line())];
  command.signal('SIGKILL');
  expect(await command.ending()).toBe('SIGKILL');
  await expect.poll(() => ids.map(stateOf), slow).toEqual([undefined, undefined]);
});

test('when with-secrets is killed, what does not listen to SIGTERM is killed too', async () => {
  const command = start(shell(`exec ${deaf}`));
  const id = Number(await command.line());
  command.signal('SIGTERM');
  command.signal('SIGKILL');
  expect(await command.ending()).toBe('SIGKILL');
  await expect.poll(() => stateOf(id), slow).toBeUndefined();
});

test('a process that leaves the group is named, and keeps nobody waiting', async () => {
  const { exitCode, stdout, stderr } = await run(
    node(`
      const { spawn } = require('child_process');
      const left = spawn('sleep', ['1000'], { detached: true, stdio: 'inherit' });
      console.log(left.pid);
      process.exit(5);
    `),
  );
  const id = Number(stdout);
  expect(stateOf(id)).toBeDefined();
  onTestFinished(() => void process.kill(id, 'SIGKILL'));
  expect({ exitCode, stderr }).toEqual({
    exitCode: 5,
    stderr:
      'with-secrets: a process that has left the process group of the command still has its output open\n',
  });
});

/** Asking comes five seconds before killing. */
const slow = { timeout: 60_000 };
