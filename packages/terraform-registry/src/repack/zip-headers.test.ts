import { describe, expect, test } from 'vitest';

import { sha256Of } from '../sha256.js';
import {
  centralHeader,
  dataDescriptor,
  endOfArchive,
  localHeader,
  needsZip64,
} from './zip-headers.js';

const GiB = 1024 ** 3;
const small = { name: 'a', mode: 0o755, checksum: 0x12345678, size: 20, compressedSize: 10 };

describe('The headers of a zip', () => {
  test('have 32-bit numbers where those can say it', () => {
    const record = { ...small, offset: 7, zip64: false };
    expect(localHeader(record).length).toBe(31);
    expect(Buffer.from(localHeader(record)).toString('hex')).toBe(
      '504b0304' +
        '1400' +
        '0808' +
        '0800' +
        '0000' +
        '2100' +
        '00'.repeat(12) +
        '0100' +
        '0000' +
        '61',
    );
    expect(Buffer.from(dataDescriptor(record)).toString('hex')).toBe(
      '504b0708' + '78563412' + '0a000000' + '14000000',
    );
    expect(Buffer.from(centralHeader(record)).toString('hex')).toBe(
      '504b0102' +
        '1403' +
        '1400' +
        '0808' +
        '0800' +
        '0000' +
        '2100' +
        '78563412' +
        '0a000000' +
        '14000000' +
        '0100' +
        '00'.repeat(8) +
        '0000' +
        'ed81' +
        '07000000' +
        '61',
    );
    expect(Buffer.from(endOfArchive({ count: 1, size: 47, offset: 99 })).toString('hex')).toBe(
      '504b0506' + '00000000' + '0100' + '0100' + '2f000000' + '63000000' + '0000',
    );
  });

  test('have 64-bit sizes for a file that needs them', () => {
    const record = { ...small, size: 5 * GiB, compressedSize: 4.5 * GiB, offset: 7, zip64: true };
    const local = Buffer.from(localHeader(record));
    expect(local.readUInt16LE(4)).toBe(45);
    expect(local.toString('hex', 18)).toBe(
      'ffffffff'.repeat(2) + '0100' + '1400' + '61' + '01001000' + '00'.repeat(16),
    );
    const descriptor = Buffer.from(dataDescriptor(record));
    expect([descriptor.readBigUInt64LE(8), descriptor.readBigUInt64LE(16)]).toEqual([
      BigInt(4.5 * GiB),
      BigInt(5 * GiB),
    ]);
    const central = Buffer.from(centralHeader(record));
    expect(central.toString('hex', 20, 28)).toBe('ffffffffffffffff');
    expect(central.readUInt32LE(42)).toBe(7);
    expect(central.readBigUInt64LE(47 + 4)).toBe(BigInt(5 * GiB));
    expect(central.readBigUInt64LE(47 + 12)).toBe(BigInt(4.5 * GiB));
    expect(central.length).toBe(47 + 20);
  });

  test('have a 64-bit position for a file that starts far behind', () => {
    const central = Buffer.from(centralHeader({ ...small, offset: 6 * GiB, zip64: false }));
    expect(central.readUInt16LE(6)).toBe(45);
    expect(central.readUInt32LE(42)).toBe(0xffffffff);
    expect(central.readBigUInt64LE(47 + 4)).toBe(BigInt(6 * GiB));
    expect(central.length).toBe(47 + 12);
  });

  test.each([
    [{ count: 0xffff, size: 1, offset: 1 }],
    [{ count: 1, size: 0xffffffff, offset: 1 }],
    [{ count: 1, size: 50, offset: 6 * GiB }],
  ])('end with the 64-bit record when the directory needs it: %j', (directory) => {
    const end = Buffer.from(endOfArchive(directory));
    expect(end.length).toBe(56 + 20 + 22);
    expect(end.readBigUInt64LE(32)).toBe(BigInt(directory.count));
    expect(end.readBigUInt64LE(48)).toBe(BigInt(directory.offset));
    expect(end.readBigUInt64LE(64)).toBe(BigInt(directory.offset + directory.size));
  });

  test('are chosen by the size that a file has before it is compressed', () => {
    expect([0, 60_000_000, 4 * 10 ** 9].map(needsZip64)).toEqual([false, false, false]);
    expect([4.293e9, 2 ** 32 - 1, 2 ** 32, 10 ** 11].map(needsZip64)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  test('say nothing of the machine: their bytes are these', () => {
    const record = { ...small, name: 'größe', offset: 7, zip64: false };
    const all = [localHeader(record), dataDescriptor(record), centralHeader(record)];
    expect(sha256Of(Buffer.concat(all))).toBe(
      '258f59ee75557adc1ea7502ccf4e973796085f0e75880a43c3795bb816da65c3',
    );
  });
});
