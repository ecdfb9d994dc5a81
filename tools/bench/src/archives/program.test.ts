import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { sampleProgram } from './program.js';

/** What all measurements are of. */
const golden = '9d98b54228b1ea57afee1a72e9723efca20f707d5e415eb87a4749c63be036c2';

async function programOf(seed: number, size: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of sampleProgram(seed, size)) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('a program is the same bytes each time, and others for another seed', async () => {
  const program = await programOf(0, 300_001);
  expect(program.length).toBe(300_001);
  expect(createHash('sha256').update(program).digest('hex')).toBe(golden);
  expect((await programOf(1, 300_001)).equals(program)).toBe(false);
});

test('a program compresses as one written in Go does', async () => {
  const program = await programOf(0, 2_000_000);
  const ratio = deflateRawSync(program).length / program.length;
  expect(ratio).toBeGreaterThan(0.28);
  expect(ratio).toBeLessThan(0.33);
});
