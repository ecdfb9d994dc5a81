import fc from 'fast-check';
import { expect, test } from 'vitest';

import { formatReleaseTag, parseReleaseTag, releaseTagOf } from './release-tag.js';
import { failureOf, refusalOf } from './test/failure-of.js';
import { versions } from './test/versions.js';

test.each([
  ['teleport-email-v9.3.7', 'teleport-email', '9.3.7'],
  ['teleport-event-handler-v10.0.0-rc.1', 'teleport-event-handler', '10.0.0-rc.1'],
  ['terraform-provider-teleport-v9.1.3', 'terraform-provider-teleport', '9.1.3'],
  ['teleport-vault-v1.0.0', 'teleport-vault', '1.0.0'],
  ['api-v1-v2.0.0', 'api-v1', '2.0.0'],
])('%s is a release tag', (text, prefix, version) => {
  expect(parseReleaseTag(text, '--tag')).toEqual({ prefix, version });
});

test.each([
  '',
  '-v9.3.7',
  'v9.3.7',
  '9.3.7',
  'teleport-email',
  'teleport-email-9.3.7',
  'teleport-email-v',
  'teleport-email-v9.3',
  'teleport-email-v9.3.7+1',
  'teleport-email-v9.3.7-v2',
  'teleport-email-v9.3.7-v1.0.0',
  'teleport-email-v v9.3.7',
  'Teleport-email-v9.3.7',
  'teleport--email-v9.3.7',
  'refs/tags/teleport-email-v9.3.7',
  'teleport-email-v9.3.7\n',
  `${'a'.repeat(101)}-v9.3.7`,
])('%j is not a release tag', (text) => {
  expect(refusalOf(() => parseReleaseTag(text, '--tag'))).toEqual([
    'release-tag-invalid',
    expect.stringMatching(
      /^--tag: expected a release tag such as "teleport-email-v9\.3\.7": .*; found "/,
    ),
  ]);
});

test('parsing is the inverse of formatting', () => {
  const prefixes = fc.stringMatching(/^[a-z0-9]{1,3}(?:-[a-z0-9]{1,3}){0,3}$/);
  const near = fc.constantFrom('teleport-v', 'a-v1', 'v', 'terraform-provider-teleport');
  fc.assert(
    fc.property(fc.oneof(prefixes, near), versions, (prefix, version) => {
      expect(releaseTagOf(formatReleaseTag({ prefix, version }))).toEqual({ prefix, version });
    }),
  );
});

test('a text that is accepted is the one that formatting gives', () => {
  const parts = fc.constantFrom('a', '-v', '-', 'v', '1.2.3', '1', '.', '-beta', '+x', ' ');
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(parts, { maxLength: 8 }).map((each) => each.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const tag = releaseTagOf(text);
      if (tag !== undefined) expect(formatReleaseTag(tag)).toBe(text);
      expect(failureOf(() => parseReleaseTag(text, 'x')) === undefined).toBe(tag !== undefined);
    }),
    { numRuns: 2000 },
  );
});
