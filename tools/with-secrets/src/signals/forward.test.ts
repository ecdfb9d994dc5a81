import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import { forwardSignals } from './forward.js';

test('a signal that comes before there is a command gets to it', async () => {
  using signals = forwardSignals();
  const heard = once(process, 'SIGUSR2');
  process.kill(process.pid, 'SIGUSR2');
  await heard;
  const command = spawn('sleep', ['1000'], { detached: true });
  signals.to(command.pid ?? 0);
  expect(await once(command, 'exit')).toEqual([null, 'SIGUSR2']);
});

test('once disposed of, it leaves no listener behind', () => {
  const before = process.listenerCount('SIGTERM');
  const signals = forwardSignals();
  expect(process.listenerCount('SIGTERM')).toBe(before + 1);
  signals[Symbol.dispose]();
  expect(process.listenerCount('SIGTERM')).toBe(before);
});
