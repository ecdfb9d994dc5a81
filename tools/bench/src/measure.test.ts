import { expect, test } from 'vitest';

import { run } from './measure.js';

/** Works for a moment in a child of its own, and keeps 50 MB there. */
const program = `
const { execFileSync } = require('node:child_process');
const work = \`
  const kept = Buffer.alloc(50_000_000, 1);
  const begin = process.cpuUsage();
  while (process.cpuUsage(begin).user < 300_000) kept.reverse();
\`;
execFileSync(process.execPath, ['-e', work]);
console.log('done');
`;

test.skipIf(process.platform !== 'linux')('what descendants use counts', async () => {
  const args = ['-e', program];
  const used = await run({ program: process.execPath, args, cwd: '/', env: {} });
  expect(used.stdout).toBe('done\n');
  expect(used.cpu).toBeGreaterThan(0);
  expect(used.peakMemory).toBeGreaterThan(100_000_000);
});

test('a program that fails is told with what it said', async () => {
  const args = ['-e', 'console.error("no such thing"); process.exit(3)'];
  await expect(run({ program: process.execPath, args, cwd: '/', env: {} })).rejects.toThrow(
    /ended with 3:\nno such thing/,
  );
});
