import type { Platform } from '../platform.js';

/** How much of a program `platformsOfProgram` looks at, in bytes. */
export const programHeadSize = 4096;

/**
 * The platforms that a program runs on, by the beginning of it: one, several in a universal program of macOS, none
 * of those that are released. `undefined` for what is no program of a format that these systems start, a script
 * for example.
 */
export function platformsOfProgram(head: Uint8Array): readonly Platform[] | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  return platformsOfElf(bytes) ?? platformsOfMachO(bytes) ?? platformsOfPe(bytes);
}

type Machines = Readonly<Record<number, Platform['arch']>>;

/** https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
function platformsOfElf(bytes: Buffer): readonly Platform[] | undefined {
  if (bytes.length < 20 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const [wide, order, abi] = [bytes[4], bytes[5], bytes[7] ?? 0];
  // Go and clang write FreeBSD's number, and for Linux mostly none.
  const os = ({ 0: 'linux', 3: 'linux', 9: 'freebsd' } as const)[abi];
  const isLittleEndian = order === 1;
  const machines: Machines =
    wide === 2 ? { 0x3e: 'amd64', 0xb7: 'arm64' } : { 0x03: '386', 0x28: 'arm' };
  const arch = machines[bytes.readUInt16LE(18)];
  return isLittleEndian ? platformsIn(os, arch) : [];
}

/** https://github.com/apple-oss-distributions/xnu/blob/main/EXTERNAL_HEADERS/mach-o/loader.h */
function platformsOfMachO(bytes: Buffer): readonly Platform[] | undefined {
  if (bytes.length < 8) return undefined;
  const magic = bytes.readUInt32BE(0);
  if (magic === 0xcffaedfe || magic === 0xcefaedfe) {
    return platformsIn('darwin', appleMachines[bytes.readUInt32LE(4)]);
  }
  // A universal program has a table of several. The number also begins classes of Java, which have a greater one next.
  const count = bytes.readUInt32BE(4);
  const size = { 0xcafebabe: 20, 0xcafebabf: 32 }[magic];
  if (size === undefined || count === 0 || count > 16) return undefined;
  if (bytes.length < 8 + count * size) return undefined;
  return Array.from({ length: count }, (_, index) => bytes.readUInt32BE(8 + index * size)).flatMap(
    (machine) => platformsIn('darwin', appleMachines[machine]),
  );
}

const appleMachines: Machines = { 0x07: '386', 0x01000007: 'amd64', 0x0100000c: 'arm64' };

/** https://learn.microsoft.com/windows/win32/debug/pe-format */
function platformsOfPe(bytes: Buffer): readonly Platform[] | undefined {
  if (bytes.length < 64 || bytes.toString('latin1', 0, 2) !== 'MZ') return undefined;
  const at = bytes.readUInt32LE(0x3c);
  if (at > bytes.length - 6 || bytes.toString('latin1', at, at + 4) !== 'PE\0\0') return undefined;
  return platformsIn('windows', windowsMachines[bytes.readUInt16LE(at + 4)]);
}

const windowsMachines: Machines = {
  0x014c: '386',
  0x8664: 'amd64',
  0x01c4: 'arm',
  0xaa64: 'arm64',
};

function platformsIn(
  os: Platform['os'] | undefined,
  arch: Platform['arch'] | undefined,
): readonly Platform[] {
  return os === undefined || arch === undefined ? [] : [{ os, arch }];
}
