import fc from 'fast-check';

import { isProtocol, type Protocol } from '../documents/readers.js';
import type { Package, ReleaseManifest } from '../documents/manifest.js';
import { comparePlatforms, platformKey } from '../platform.js';
import { h1Of } from '../repack/h1.js';
import type { Sha256 } from '../sha256.js';
import { parsePublicKey, type PublicKey } from '../signing/public-key.js';
import { parseVersion } from '../version.js';
import { platforms, providerTypes, sha256s, versions } from './arbitraries.js';

/** A public key, for documents of which nothing is verified. */
export const sampleKey: PublicKey = parsePublicKey(
  [
    '-----BEGIN PGP PUBLIC KEY BLOCK-----',
    '',
    // The packet of an RSA key of 2048 bits, whose modulus is a repeated pattern.
    Buffer.concat([
      Buffer.of(0x99, 0x01, 0x0d, 4, 0x69, 0x05, 0x4c, 0x80, 1, 0x08, 0x00),
      Buffer.alloc(256, 0xa5),
      Buffer.of(0x00, 0x11, 0x01, 0x00, 0x01),
    ]).toString('base64'),
    '-----END PGP PUBLIC KEY BLOCK-----',
    '',
  ].join('\n'),
  'sample',
);

const protocols: fc.Arbitrary<Protocol> = fc
  .constantFrom('5', '5.0', '5.1', '6.0', '6.9')
  .filter((text) => isProtocol(text));

const packages: fc.Arbitrary<Package> = fc.record({
  platform: platforms,
  size: fc.nat(10 ** 9),
  sha256: sha256s,
  h1: sha256s.map((sha256) => h1Of([{ name: 'x', sha256 }])),
  archive: sha256s,
});

export const manifests: fc.Arbitrary<ReleaseManifest> = fc.record({
  namespace: providerTypes,
  type: providerTypes,
  version: versions,
  revision: fc.integer({ min: 1, max: 9 }),
  protocols: fc.uniqueArray(protocols, { minLength: 1, maxLength: 2 }),
  keys: fc.constant([sampleKey]),
  signature: sha256s,
  packages: fc
    .uniqueArray(packages, {
      selector: (each) => platformKey(each.platform),
      minLength: 1,
      maxLength: 5,
    })
    .map((all) => all.sort((a, b) => comparePlatforms(a.platform, b.platform))),
});

const hex = (digits: string) => digits.repeat(32) as Sha256;

/** The same each time: what golden digests are of. */
export const sampleManifest: ReleaseManifest = {
  namespace: 'gravitational',
  type: 'teleport',
  version: parseVersion('9.1.3', 'sample'),
  revision: 1,
  protocols: ['6.0' as Protocol],
  keys: [sampleKey],
  signature: hex('5c'),
  packages: [
    {
      platform: { os: 'darwin', arch: 'arm64' },
      size: 101,
      sha256: hex('a1'),
      h1: h1Of([{ name: 'x', sha256: hex('b1') }]),
      archive: hex('c1'),
    },
    {
      platform: { os: 'linux', arch: 'amd64' },
      size: 202,
      sha256: hex('a2'),
      h1: h1Of([{ name: 'x', sha256: hex('b2') }]),
      archive: hex('c2'),
    },
  ],
};
