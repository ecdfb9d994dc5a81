import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { architectures, operatingSystems, platformKey } from '../platform.js';
import { platformsOfProgram } from './program.js';

/** The beginnings of programs that Go 1.19 has built, as far as they say for what; between the parts are zeros. */
const programs: Readonly<Record<string, readonly [at: number, hex: string][]>> = {
  darwin_amd64: [[0, 'cffaedfe07000001']],
  darwin_arm64: [[0, 'cffaedfe0c000001']],
  freebsd_386: [[0, '7f454c4601010109000000000000000002000300']],
  freebsd_amd64: [[0, '7f454c4602010109000000000000000002003e00']],
  freebsd_arm: [[0, '7f454c4601010109000000000000000002002800']],
  freebsd_arm64: [[0, '7f454c460201010900000000000000000200b700']],
  linux_386: [[0, '7f454c4601010100000000000000000002000300']],
  linux_amd64: [[0, '7f454c4602010100000000000000000002003e00']],
  linux_arm: [[0, '7f454c4601010100000000000000000002002800']],
  linux_arm64: [[0, '7f454c460201010000000000000000000200b700']],
  windows_386: [
    [0, '4d5a'],
    [60, '80000000'],
    [128, '504500004c01'],
  ],
  windows_amd64: [
    [0, '4d5a'],
    [60, '80000000'],
    [128, '504500006486'],
  ],
  windows_arm: [
    [0, '4d5a'],
    [60, '80000000'],
    [128, '50450000c401'],
  ],
  windows_arm64: [
    [0, '4d5a'],
    [60, '80000000'],
    [128, '5045000064aa'],
  ],
};

const headOf = (parts: readonly [at: number, hex: string][]) => {
  const head = Buffer.alloc(4096);
  for (const [at, hex] of parts) head.write(hex, at, 'hex');
  return head;
};
const dos = (header: string) =>
  headOf([
    [0, '4d5a'],
    [0x3c, header],
  ]);
const read = (bytes: Uint8Array) => platformsOfProgram(bytes)?.map(platformKey);

describe('The platform of a program', () => {
  test.each(Object.entries(programs))('is read of %s', (platform, head) => {
    expect(read(headOf(head))).toEqual([platform]);
  });

  test.each<[string, readonly [at: number, hex: string][], readonly string[]]>([
    [
      'two in a universal program',
      [
        [0, 'cafebabe00000002'],
        [8, '01000007'],
        [28, '0100000c'],
      ],
      ['darwin_amd64', 'darwin_arm64'],
    ],
    [
      'two in one with wide offsets',
      [
        [0, 'cafebabf00000002'],
        [8, '01000007'],
        [40, '0100000c'],
      ],
      ['darwin_amd64', 'darwin_arm64'],
    ],
    ['none for an ELF of s390x', [[0, '7f454c4602020100000000000000000000020016']], []],
    ['none for an ELF of OpenBSD', [[0, '7f454c460201010c000000000000000002003e00']], []],
    ['none for a 64-bit ELF that says 386', [[0, '7f454c4602010100000000000000000002000300']], []],
    ['none for a Mach-O of PowerPC', [[0, 'cefaedfe12000000']], []],
  ])('is %s', (_, head, expected) => {
    expect(read(headOf(head))).toEqual(expected);
  });

  test.each([
    ['a script', Buffer.from('#!/bin/sh\nexit 1\n')],
    ['nothing', Buffer.of()],
    ['a class of Java', headOf([[0, 'cafebabe00000034']])],
    ['a program of DOS', dos('80000000')],
    ['one whose header is beyond what was read', dos('fb0f0000')],
    ['an ELF that is cut short', Buffer.from('7f454c46020101', 'hex')],
  ])('is not known of %s', (_, head) => {
    expect(read(head)).toBeUndefined();
  });

  test('is never more than those that there are, whatever the bytes', () => {
    const known = operatingSystems.flatMap((os) => architectures.map((arch) => `${os}_${arch}`));
    const heads = fc.constantFrom(...Object.values(programs).map(headOf), Buffer.from('#!x'));
    const changes = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(heads, changes, fc.nat(4096), (head, changed, length) => {
        const bytes = Buffer.from(head.subarray(0, length));
        for (const [at, byte] of changed) if (at < bytes.length) bytes[at] = byte;
        for (const each of read(bytes) ?? []) expect(known).toContain(each);
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const each of read(bytes) ?? []) expect(known).toContain(each);
      }),
      { numRuns: 2000 },
    );
  });
});
