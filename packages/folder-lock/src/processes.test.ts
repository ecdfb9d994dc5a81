import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import { newTicket, ownerOfTicket, thisProcess } from './processes.js';

test('This process is alive', async () => {
  const processes = await thisProcess();
  expect(await processes.state(processes.self)).toBe('alive');
  expect(processes.self).toMatch(/^[0-9a-f]{12}\.\d+\.\w+$/);
});

test('A process that ended is dead', async () => {
  const processes = await thisProcess();
  const child = spawn(process.execPath, ['--eval', '']);
  const [machine] = processes.self.split('.');
  const name = `${machine ?? ''}.${child.pid ?? 0}.1`;
  await once(child, 'exit');
  expect(await processes.state(name)).toBe('dead');
});

test.runIf(process.platform === 'linux')(
  'A process whose number another one has got since is dead',
  async () => {
    const processes = await thisProcess();
    const [machine, pid] = processes.self.split('.');
    expect(await processes.state([machine, pid, '1'].join('.'))).toBe('dead');
  },
);

test('Of a process on another machine, or of no process, nothing is known', async () => {
  const processes = await thisProcess();
  expect(await processes.state('0123456789ab.1.1')).toBe('unknown');
  expect(await processes.state('')).toBe('unknown');
  const [machine] = processes.self.split('.');
  for (const pid of ['', '0', '-1', 'x', '99999999999999999999']) {
    expect(await processes.state([machine, pid, '1'].join('.'))).toBe('dead');
  }
});

test('A ticket is used once and tells whose it is', async () => {
  const processes = await thisProcess();
  const tickets = Array.from({ length: 100 }, () => newTicket(processes));
  expect(new Set(tickets).size).toBe(100);
  expect(new Set(tickets.map(ownerOfTicket))).toEqual(new Set([processes.self]));
});
