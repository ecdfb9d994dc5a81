import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Secret } from '../secret.js';
import { formsOf } from './forms.js';
import { redactor, type Redactor } from './redactor.js';
import { modelOf } from './test/model.js';

function redactorOf(secrets: readonly string[]): Redactor {
  const masks = redactor();
  for (const secret of secrets) masks.add(new Secret(secret));
  return masks;
}

/** The output of a stream whose bytes come in chunks that end where it is said. */
function outputOf(masks: Redactor, bytes: Uint8Array, ends: readonly number[]): Buffer {
  const stream = masks.stream();
  const cuts = [0, ...[...ends].sort((one, other) => one - other), bytes.length];
  const chunks = cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
  return Buffer.concat([...chunks.map((chunk) => Buffer.from(stream.write(chunk))), stream.end()]);
}

/** Few characters, so that secrets repeat themselves, hold each other, and begin alike. */
const dense = fc.string({ unit: fc.constantFrom('a', 'b', 'ab', '\n', ' '), maxLength: 90 });
const real = fc.string({ unit: 'grapheme', maxLength: 40 });
const lines = fc
  .array(
    fc.string({
      unit: fc.constantFrom('A', 'B', 'a', 'b', '0', '+', '/', '=', '"', "'", '\\'),
      maxLength: 70,
    }),
    { maxLength: 6 },
  )
  .chain((all) => fc.constantFrom('\n', '\r\n').map((end) => all.join(end)));
const secretTexts = fc.array(fc.oneof(dense, real, lines), { minLength: 1, maxLength: 4 });

/** Texts between which parts of the secrets' forms stand. */
function bytesAround(secrets: readonly string[]): fc.Arbitrary<Buffer> {
  const forms = secrets
    .flatMap((secret) => [...formsOf(secret)])
    .map(({ text }) => Buffer.from(text));
  const part = fc.tuple(fc.nat(), fc.nat(), fc.nat()).map(([which, start, length]) => {
    const form = forms[which % Math.max(1, forms.length)] ?? Buffer.alloc(0);
    const from = start % 3 === 0 ? start % (form.length + 1) : 0;
    return form.subarray(from, length % 3 === 0 ? from + (length % 100) : undefined);
  });
  const other = fc.oneof(
    dense.map((text) => Buffer.from(text)),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );
  return fc
    .array(fc.oneof({ weight: 3, arbitrary: part }, other), { maxLength: 8 })
    .map((all) => Buffer.concat(all));
}

const streams = secretTexts.chain((secrets) =>
  fc.record({
    secrets: fc.constant(secrets),
    bytes: bytesAround(secrets),
    cuts: fc.array(fc.nat(), { maxLength: 12 }),
  }),
);

describe('A stream', () => {
  test('has the output of the model, however its bytes are cut', () => {
    fc.assert(
      fc.property(streams, ({ secrets, bytes, cuts }) => {
        const ends = cuts.map((cut) => cut % (bytes.length + 1));
        const output = outputOf(redactorOf(secrets), bytes, ends);
        expect(output.toString('latin1')).toBe(modelOf(secrets, bytes).toString('latin1'));
      }),
      { numRuns: 300 },
    );
  });

  test('has that output byte by byte', () => {
    fc.assert(
      fc.property(streams, ({ secrets, bytes }) => {
        const output = outputOf(redactorOf(secrets), bytes, [...bytes.keys()]);
        expect(output.toString('latin1')).toBe(modelOf(secrets, bytes).toString('latin1'));
      }),
      { numRuns: 100 },
    );
  });

  test('has that output, however much has been learned when its bytes come', () => {
    fc.assert(
      fc.property(streams, fc.nat({ max: 6 }), ({ secrets, bytes, cuts }, parts) => {
        const masks = redactorOf(secrets);
        for (let part = 0; part < parts; part++) masks.learn();
        const ends = cuts.map((cut) => cut % (bytes.length + 1));
        const output = outputOf(masks, bytes, ends);
        expect(output.toString('latin1')).toBe(modelOf(secrets, bytes).toString('latin1'));
      }),
      { numRuns: 100 },
    );
  });
});
