import fc from 'fast-check';
import { expect, test } from 'vitest';

import { versions } from './test/arbitraries.js';
import { attempt } from './test/attempt.js';
import { compareVersions, parseVersion } from './version.js';

test.each(['0.0.0', '9.1.3', '9.4.0-beta.1', '1.0.0-rc-1', '10.20.30-a.b.0'])(
  '%s is a version',
  (text) => {
    expect(parseVersion(text, '--version')).toBe(text);
  },
);

test.each(['', 'v9.1.3', '9.1', '09.1.3', '9.1.3+b7', '9.1.3-01', ' 9.1.3', '9.1.3\n', '1.0.0-v2'])(
  '%j is not, and would break the provider for everybody',
  (text) => {
    expect(() => parseVersion(text, '--version')).toThrow(
      /^--version: expected a semantic version such as "9\.3\.7"/,
    );
  },
);

test('versions are ordered by precedence', () => {
  const ordered = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0',
    '1.10.0',
  ];
  const parsed = ordered.map((text) => parseVersion(text, 'test'));
  expect([...parsed].reverse().sort(compareVersions)).toEqual(ordered);
});

test('any text is a version or an error of this package', () => {
  fc.assert(fc.property(versions, (text) => parseVersion(text, 'x') === text));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      void attempt(() => parseVersion(text, 'x'));
    }),
  );
});
