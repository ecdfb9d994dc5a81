import { PassThrough, Writable } from 'node:stream';

import { Secret } from '@teleport-plugins/secrets';
import { redactor } from '@teleport-plugins/secrets/redaction';
import { expect, test } from 'vitest';

import { maskedCopy } from './masked-copy.js';

function copying(to: Writable) {
  const from = new PassThrough();
  const mask = redactor();
  mask.add(new Secret('the secret'));
  const warnings: string[] = [];
  const copy = maskedCopy(from, mask.stream(), { to, warn: (message) => warnings.push(message) });
  return { from, copy, warnings };
}

/** Takes one chunk at a time, and only when it is told to. */
function reluctant() {
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  const to = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      waiting.push(() => {
        taken.push(chunk.toString());
        done();
      });
    },
  });
  const take = async (): Promise<void> => {
    await expect.poll(() => waiting.length).toBeGreaterThan(0);
    waiting.shift()?.();
  };
  return { to, taken, take };
}

test('nothing is read ahead of a reader that takes its time', async () => {
  const { to, taken, take } = reluctant();
  const { from, copy } = copying(to);
  from.write('one ');
  await expect.poll(() => from.isPaused()).toBe(true);
  from.end('the secret');
  const finished = copy.finish();
  expect(taken).toEqual([]);
  // What was written, its mask, and the end.
  for (let left = 3; left > 0; left--) await take();
  expect(await finished).toBe(true);
  expect(taken.join('')).toBe('one ***');
});

test('an output that stays open is read to what is in it, and then left', async () => {
  const to = new PassThrough();
  const { from, copy } = copying(to);
  from.write('the secret and the sec');
  expect(await copy.finish()).toBe(false);
  expect(from.destroyed).toBe(true);
  expect((to.read() as Buffer).toString()).toBe('*** and the sec');
});

test.each([
  ['EPIPE', []],
  ['ENOSPC', ['the output is lost: no more']],
])('when writing fails with %s, the command is told by its pipe', async (code, expected) => {
  const to = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('no more'), { code })),
  });
  const { from, copy, warnings } = copying(to);
  from.write('anything');
  await expect.poll(() => from.destroyed).toBe(true);
  expect(await copy.finish()).toBe(true);
  expect(warnings).toEqual(expected);
});
