import fc from 'fast-check';

import type { ArchiveName } from '../archives/name.js';
import { architectures, operatingSystems, type Platform } from '../platform.js';
import type { Sha256 } from '../sha256.js';
import { isVersion, type Version } from '../version.js';

const identifier = fc.constantFrom('0', '1', '12', 'beta', 'rc-1', 'a-b', 'x1', '-', 'linux', 'v2');

export const versions: fc.Arbitrary<Version> = fc
  .tuple(
    fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30)).map((numbers) => numbers.join('.')),
    fc.array(identifier, { maxLength: 3 }).map((each) => each.join('.')),
  )
  .map(([core, prerelease]) => (prerelease === '' ? core : `${core}-${prerelease}`))
  .filter((text) => isVersion(text));

export const platforms: fc.Arbitrary<Platform> = fc.record({
  os: fc.constantFrom(...operatingSystems),
  arch: fc.constantFrom(...architectures),
});

export const providerTypes = fc.oneof(
  fc.constantFrom('teleport', 'a-v1', 'v', 'x-v', '386-arm'),
  fc.stringMatching(/^[a-z0-9]{1,3}(?:-[a-z0-9]{1,3}){0,3}$/),
);

export const archiveNames: fc.Arbitrary<ArchiveName> = fc.record({
  type: providerTypes,
  version: versions,
  platform: platforms,
});

export const sha256s = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex') as Sha256);

/** Texts that come close to what a parser accepts: pieces of it in any order. */
export function soupOf(...pieces: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((each) => each.join('')),
  );
}
