import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { platformKey } from '../platform.js';
import { sha256Of } from '../sha256.js';
import { soupOf } from '../test/arbitraries.js';
import { attempt } from '../test/attempt.js';
import { manifests, sampleKey, sampleManifest } from '../test/manifests.js';
import { formatDiscovery, parseDiscovery } from './discovery.js';
import { formatDownload, hashesOf, parseDownload } from './download.js';
import { fileNames, keys } from './layout.js';
import { formatManifest, parseManifest, sumsOf } from './manifest.js';
import {
  formatMirrorIndex,
  formatMirrorVersion,
  parseMirrorIndex,
  parseMirrorVersion,
} from './mirror.js';
import { formatSums, parseSums } from './sums.js';
import { formatIndex, parseIndex } from './versions.js';
import { formatWithdrawal, parseWithdrawal } from './withdrawal.js';

const entry = { version: '9.1.3', protocols: ['6.0'], platforms: [{ os: 'linux', arch: 'amd64' }] };
const index = { versions: [entry], warnings: ['a warning'] };
const withdrawal = { version: sampleManifest.version, yanked: 'it leaks' };
const download = formatDownload(sampleManifest, sampleManifest.packages[0]!);
const documents: readonly [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
  ['discovery', formatDiscovery(), (bytes) => parseDiscovery(bytes, 'x')],
  ['index', Buffer.from(JSON.stringify(index)), (bytes) => parseIndex(bytes, 'x')],
  ['download', download, (bytes) => parseDownload(bytes, 'x')],
  ['manifest', formatManifest(sampleManifest), (bytes) => parseManifest(bytes, 'x')],
  ['sums', sumsOf(sampleManifest), (bytes) => parseSums(bytes, 'x')],
  [
    'mirror',
    formatMirrorVersion('host', sampleManifest),
    (bytes) => parseMirrorVersion(bytes, 'x'),
  ],
  ['mirror index', formatMirrorIndex([sampleManifest.version]), (b) => parseMirrorIndex(b, 'x')],
  ['withdrawal', formatWithdrawal(withdrawal), (bytes) => parseWithdrawal(bytes, 'x')],
];

describe.each(documents)('The document %s', (_, bytes, parse) => {
  test('is read', () => {
    expect(parse(bytes)).toBeDefined();
  });

  test('of any other bytes is one, or an error of this package in one line', () => {
    const text = Buffer.from(bytes).toString();
    const changed = fc
      .array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
      .map((changes) => {
        const copy = Buffer.from(bytes);
        for (const [at, byte] of changes) copy[at] = byte;
        return copy;
      });
    // One value is another one, or is not there.
    const replaced = fc
      .tuple(
        fc.nat(200),
        fc.constantFrom('null', '1', '-1', '"x"', '[]', '{}', '[null]', 'true', '1e99'),
      )
      .map(([at, value]) => {
        let seen = 0;
        const pattern = /(?<=: |\[|, |\n\s*)(?:"[^"]*"(?!:)|\d+)/g;
        const count = text.match(pattern)?.length ?? 1;
        return Buffer.from(
          text.replace(pattern, (found) => (seen++ === at % count ? value : found)),
        );
      });
    const cut = fc.nat(bytes.length).map((length) => Buffer.from(bytes.subarray(0, length)));
    const soup = soupOf(...'{}[],:" \n'.split(''), '"versions"', '"platforms"', '1').map((each) =>
      Buffer.from(each),
    );
    fc.assert(
      fc.property(fc.oneof(changed, replaced, cut, soup), (each) => {
        const result = attempt(() => parse(each));
        if (result instanceof Error) expect(result.message).not.toContain('\n');
      }),
      { numRuns: 1500 },
    );
  });
});

describe('The documents of a release', () => {
  test('come back from reading as they were written', () => {
    fc.assert(
      fc.property(manifests, (release) => {
        expect(parseManifest(formatManifest(release), 'x')).toEqual(release);
        for (const each of release.packages) {
          const read = parseDownload(formatDownload(release, each), 'x');
          const { protocols, keys: publicKeys } = release;
          expect(read).toMatchObject({
            ...{ protocols, keys: publicKeys, platform: each.platform, sha256: each.sha256 },
            filename: fileNames.zip(release, each.platform),
          });
          expect([...(read.packages ?? [])]).toEqual(
            release.packages.map((all) => [
              platformKey(all.platform),
              { size: all.size, hashes: hashesOf(all) },
            ]),
          );
        }
        const sums = release.packages.map((each) => ({
          sha256: each.sha256,
          filename: fileNames.zip(release, each.platform),
        }));
        expect(new Set(parseSums(sumsOf(release), 'x'))).toEqual(new Set(sums));
      }),
      { numRuns: 50 },
    );
  });

  test('lead from each to the next, whatever host they are on', () => {
    fc.assert(
      fc.property(manifests, (release) => {
        const [first] = release.packages;
        const from = keys.download(release, release.version, first!.platform);
        const read = parseDownload(formatDownload(release, first!), 'x');
        const sums = fileNames.sums(release, release.revision);
        for (const [url, file] of [
          [read.downloadUrl, fileNames.zip(release, first!.platform)],
          [read.sumsUrl, sums],
          [read.signatureUrl, fileNames.signature(sums, [sampleKey.keyId])],
        ] as const) {
          const resolved = new URL(url, `https://example.com/${from}`);
          expect(resolved.href).toBe(
            `https://example.com/${keys.file(release, release.version, file)}`,
          );
        }
        const [mirrored] = parseMirrorVersion(formatMirrorVersion('h', release), 'x').values();
        const mirror = keys.mirrorVersion('h', release, release.version);
        expect(new URL(mirrored!.url, `https://example.com/${mirror}`).pathname).toBe(
          `/${keys.file(release, release.version, fileNames.zip(release, first!.platform))}`,
        );
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    [
      'discovery',
      formatDiscovery(),
      'e114e9fae2ebe06ee1920ce41aea2281bf5287f081fee8319dab65718eda6dae',
    ],
    [
      'index',
      formatIndex(parseIndex(Buffer.from(JSON.stringify(index)), 'x')),
      '339267587625b68d262fb045a5c8176a30367e6916fe81054996885573df61dd',
    ],
    ['download', download, 'df530c74c64ace32f46efe30d073ad71d269e4dcc6b9458fd3d41cbbd76f64a8'],
    [
      'manifest',
      formatManifest(sampleManifest),
      '707b47ccf603086f16841974e162aa59fdf580a1cdc3ed1497bee8761adb615f',
    ],
    [
      'sums',
      sumsOf(sampleManifest),
      '8ad5e4fe23de1ccb5f6c539d567979257297f19393135c6c93d2586ea6859f69',
    ],
    [
      'mirror',
      formatMirrorVersion('example.com', sampleManifest),
      'be111f963b9be680f2c9398ad1c536b8eb45c09897dbbeb2f51ea5b5b23de18b',
    ],
  ])('have these bytes on every machine: %s', (_, bytes, sha256) => {
    expect(sha256Of(bytes)).toBe(sha256);
  });

  test('are in JSON for the sums of a manifest only', () => {
    const other = Buffer.from(formatManifest(sampleManifest)).toString().replace('a2a2', 'a3a3');
    expect(() => parseManifest(Buffer.from(other), 'x')).toThrow(
      'its sums are not those of its packages',
    );
  });

  test('never hold a private key', () => {
    const text = Buffer.from(download).toString().replaceAll('PUBLIC KEY', 'PRIVATE KEY');
    expect(() => parseDownload(Buffer.from(text), 'x')).toThrow(
      expect.objectContaining({ code: 'key-refused' }),
    );
  });
});

describe('The index', () => {
  test('lists versions by precedence, and platforms by name', () => {
    const versions = ['1.10.0', '1.2.0', '1.2.0-beta.11', '1.2.0-beta.2'].map((version) => ({
      ...entry,
      version,
      platforms: [{ os: 'linux', arch: 'arm' }, ...entry.platforms],
    }));
    const text = Buffer.from(JSON.stringify({ versions }));
    const read = parseIndex(formatIndex(parseIndex(text, 'x')), 'x');
    expect(read.versions.map(({ version }) => version)).toEqual([
      '1.2.0-beta.2',
      '1.2.0-beta.11',
      '1.2.0',
      '1.10.0',
    ]);
    expect(read.versions[0]?.platforms.map(platformKey)).toEqual(['linux_amd64', 'linux_arm']);
  });

  test.each([
    [
      { versions: [{ ...entry, version: 'v9.1.3' }] },
      'x: versions[0]: version: expected a semantic version',
    ],
    [
      { versions: [{ ...entry, version: '9.1.3+b7' }] },
      'x: versions[0]: version: expected a semantic version',
    ],
    [
      { versions: [{ ...entry, protocols: '6' }] },
      'x: versions[0]: version 9.1.3: protocols: expected an array, found the string "6"',
    ],
    [
      { versions: [{ ...entry, platforms: [{ os: 'linux' }] }] },
      'x: versions[0]: version 9.1.3: platforms[0]: the member "arch" is missing',
    ],
    [
      { versions: [{ ...entry, platforms: [{ os: 'linux', arch: '../x' }] }] },
      'x: versions[0]: version 9.1.3: platforms[0]: arch: expected a word such as',
    ],
    [{ versions: [entry, entry] }, 'x: 9.1.3 is there twice'],
    [{ versions: [entry], more: 1 }, 'x: the member "more" is not known'],
    [{ version: [] }, 'x: the member "version" is not known'],
    [{}, 'x: the member "versions" is missing'],
    [[], 'x: expected an object, found an array'],
  ])('that is damaged is refused where it is: %j', (value, message) => {
    expect(() => parseIndex(Buffer.from(JSON.stringify(value)), 'x')).toThrow(message);
  });

  test.each([
    ['{"versions":[],"versions":[]}', 'the member "versions" occurs twice'],
    ['{"versions":[{"version":"1.0.0","version":"1.0.1"}]}', 'the member "version" occurs twice'],
    ['{"a":"\\"versions\\":","a":1}', 'the member "a" occurs twice'],
    ['{"versions":[]', 'is not JSON'],
    ['', 'is not JSON'],
    ['\uFEFF{"versions":[]}', 'is not JSON'],
  ])('is read as every other program reads it, or not at all: %j', (text, message) => {
    expect(() => parseIndex(Buffer.from(text), 'x')).toThrow(`x: ${message}`);
  });
});

test.each([
  [0, 'x: has no revision, no key or no package'],
  [2 ** 53 - 1, 'x: has more revisions than there can be'],
])('A record with the revision %i is refused', (revision, message) => {
  const bytes = formatManifest({ ...sampleManifest, revision });
  expect(() => parseManifest(bytes, 'x')).toThrow(message);
});

describe('A download document of somebody else', () => {
  const reading = (protocols: unknown) => {
    const document = JSON.parse(Buffer.from(download).toString()) as object;
    return () => parseDownload(Buffer.from(JSON.stringify({ ...document, protocols })), 'x');
  };

  test.each([[['6']], [['4.0', '5.1']], [[]], [null]])(
    'may have the protocols %j, as Terraform has it',
    (protocols) => {
      expect(reading(protocols)().protocols).toEqual(protocols ?? []);
    },
  );

  test.each([
    [['v6'], 'x: protocols[0]: expected a protocol such as "6.0", found "v6"'],
    [['6.x'], 'x: protocols[0]: expected a protocol such as "6.0", found "6.x"'],
    [['4.0'], 'x: protocols: expected a protocol that Terraform speaks, 5 or 6, found "4.0"'],
  ])('must not have the protocols %j', (protocols, message) => {
    expect(reading(protocols)).toThrow(message);
  });
});

describe('Sums', () => {
  const line = `${'ab'.repeat(32)}  a.zip\n`;
  test.each([
    ['', 'its last line has no end'],
    [line.trimEnd(), 'its last line has no end'],
    ['\n', 'line 1 is not'],
    [`${line}\n`, 'line 2 is not'],
    [`${line}# comment\n`, 'line 2 is not'],
    [line.replace('  ', ' *'), 'line 1 is not'],
    [line.replace('a.zip', './a.zip'), 'line 1 is not'],
    [line.toUpperCase(), 'line 1 is not'],
    [line.replace('\n', '\r\n'), 'line 1 is not'],
    [line + line, 'line 2 has a.zip again'],
  ])('of which Terraform would not take every line are refused: %j', (text, message) => {
    expect(() => parseSums(Buffer.from(text), 'x')).toThrow(`x: ${message}`);
  });

  test('are sorted by name', () => {
    const [a, b] = parseSums(Buffer.from(line + line.replace('a.zip', 'b.zip')), 'x');
    expect(formatSums([b!, a!])).toEqual(formatSums([a!, b!]));
  });
});
