import { parseTag } from '@teleport-plugins/oci';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { failureOf, refusalOf } from './test/failure-of.js';
import { versions } from './test/versions.js';
import { compareVersions, isPrerelease, isVersion, parseVersion } from './version.js';

test.each(['0.0.0', '9.3.7', '9.4.0-beta.1', '1.0.0-0', '1.0.0-rc-1', '10.20.30-a.b.0.c-d'])(
  '%s is a version',
  (text) => {
    expect(parseVersion(text, '--version')).toBe(text);
  },
);

test.each([
  '',
  '9',
  '9.3',
  '9.3.7.1',
  'v9.3.7',
  ' 9.3.7',
  '9.3.7\n',
  '09.3.7',
  '9.3.7-01',
  '9.3.7-',
  '9.3.7-a..b',
  '9.3.7+build',
  '9.3.7-beta+build',
  '9.3.7-v2',
  '9.3.7-rc-v2',
  '9.3.x',
  '^9.3.7',
  'latest',
  '99999999999999999999.0.0',
  `1.0.0-${'a'.repeat(123)}`,
])('%j is not a version', (text) => {
  expect(refusalOf(() => parseVersion(text, '--version'))).toEqual([
    'version-invalid',
    expect.stringMatching(
      /^--version: expected a semantic version such as "9\.3\.7" or "9\.4\.0-beta\.1", without build metadata or "-v", found "/,
    ),
  ]);
});

test('every version is a tag of an image', () => {
  fc.assert(
    fc.property(versions, (version) => {
      expect(parseTag(version)).toBe(version);
      expect(isVersion(version)).toBe(true);
    }),
  );
});

test('nothing but an error of this package is thrown', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      (text) => void failureOf(() => parseVersion(text, 'x')),
    ),
  );
});

test('precedence is the one of semantic versioning', () => {
  const ordered = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.10',
    '1.10.0',
    '2.0.0',
  ].map((text) => parseVersion(text, 'test'));
  expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
});

test('a prerelease is told by its hyphen', () => {
  expect(isPrerelease(parseVersion('9.4.0-beta.1', 'test'))).toBe(true);
  expect(isPrerelease(parseVersion('9.4.0', 'test'))).toBe(false);
});
