import { expect, test } from 'vitest';

import { node, start, stateOf } from './program.js';

const forwarded = [
  ...(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const),
  ...(['SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT'] as const),
];

/** Says which number it has and which signals it gets, and ends with 9 at the second. */
const listens = `
  for (const signal of ${JSON.stringify(forwarded)}) {
    process.on(signal, () => {
      console.log(signal);
      if (process.exitCode === 9) process.exit();
      process.exitCode = 9;
    });
  }
  setInterval(() => {}, 1e6);
  console.log(process.pid);
`;

test.each(forwarded)('%s gets to the command, which decides what it does', async (signal) => {
  const command = start(node(listens));
  expect(await command.line()).toMatch(/^\d+$/);
  command.signal(signal);
  expect(await command.line()).toBe(signal);
  command.signal('SIGTERM');
  expect(await command.rest()).toEqual(['SIGTERM']);
  expect(await command.ending()).toBe(9);
});

/** A process and its child, each of which says what it gets. The child is told to end by its input. */
const family = `
  const says = (who) => ['SIGINT', 'SIGTERM'].map((signal) =>
    "process.on('" + signal + "', () => console.log('" + who + " got " + signal + "'));").join('');
  const source = says('child') + "process.stdin.resume().on('end', () => process.exit()); console.log('ready');";
  const child = require('child_process').spawn(process.execPath, ['-e', source], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  eval(says('parent'));
  process.on('SIGTERM', () => child.stdin.end());
`;

test('what a terminal sends gets to all processes, and the rest to the command alone', async () => {
  const command = start(node(family));
  expect(await command.line()).toBe('ready');
  command.signal('SIGINT');
  const both = [await command.line(), await command.line()];
  expect(both.sort()).toEqual(['child got SIGINT', 'parent got SIGINT']);
  command.signal('SIGTERM');
  expect(await command.rest()).toEqual(['parent got SIGTERM']);
  expect(await command.ending()).toBe(0);
});

test('a stop from the terminal stops the command, which goes on with with-secrets', async () => {
  const command = start(node(listens));
  const id = Number(await command.line());
  command.signal('SIGTSTP');
  await expect.poll(() => [stateOf(command.id), stateOf(id)]).toEqual(['T', 'T']);
  command.signal('SIGCONT');
  expect(await command.line()).toBe('SIGCONT');
  expect(stateOf(command.id)).not.toBe('T');
  command.signal('SIGTERM');
  expect(await command.ending()).toBe(9);
});
