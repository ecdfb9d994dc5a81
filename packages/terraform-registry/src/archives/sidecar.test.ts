import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { sha256s, soupOf } from '../test/arbitraries.js';
import { attempt } from '../test/attempt.js';
import { formatSidecar, parseSidecar } from './sidecar.js';

const hex = 'ab'.repeat(32);
const file = 'terraform-provider-teleport-v9.1.3-linux-amd64-bin.tar.gz';
const read = (text: string) => parseSidecar(Buffer.from(text), file);

describe('A checksum beside an archive', () => {
  test.each([
    hex,
    `${hex}\n`,
    `${hex}\r\n`,
    `${hex.toUpperCase()}\n`,
    `${hex}  ${file}\n`,
    `${hex} *${file}\n`,
    `${hex}  build/out/${file}`,
    `${hex}  .\\build\\${file}\r\n`,
  ])('is read as any tool writes it: %j', (text) => {
    expect(read(text)).toBe(hex);
  });

  test.each([
    ['', 'expected 64 hexadecimal digits, found ""'],
    ['<Error><Code>AccessDenied</Code></Error>', 'expected 64 hexadecimal digits, found "<Error>'],
    [hex.slice(1), 'expected 64 hexadecimal digits'],
    [`${hex}0`, 'expected 64 hexadecimal digits'],
    [`${hex}\n\n`, 'expected 64 hexadecimal digits'],
    [`${hex}\n${hex}\n`, 'expected 64 hexadecimal digits'],
    [` ${hex}`, 'expected 64 hexadecimal digits'],
    [`${hex}  other.tar.gz\n`, 'is the checksum of another file, "other.tar.gz"'],
    [`${hex}  ${file}/x\n`, 'is the checksum of another file, "x"'],
  ])('is refused when it is none or of another file: %j', (text, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'sidecar-invalid',
        message: expect.stringContaining(`${file}.sha256: ${message}`) as string,
      }),
    );
  });

  test('comes back from reading as it was written', () => {
    fc.assert(
      fc.property(sha256s, (sha256) => {
        expect(parseSidecar(formatSidecar(sha256, file), file)).toBe(sha256);
      }),
    );
  });

  test('is 64 digits or an error in one line, whatever the bytes', () => {
    fc.assert(
      fc.property(soupOf(hex, hex.slice(2), '  ', ' *', file, '\n', '\r', '/', 'x'), (text) => {
        const sha256 = attempt(() => read(text));
        if (sha256 instanceof Error) expect(sha256.message).not.toContain('\n');
        else expect(sha256).toBe(hex);
      }),
      { numRuns: 2000 },
    );
  });
});
