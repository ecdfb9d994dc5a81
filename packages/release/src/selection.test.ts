import fc from 'fast-check';
import { expect, test } from 'vitest';

import { pluginOf } from './plugin.js';
import { selectVersion } from './selection.js';
import { documentOf, validManifest, validPackage } from './test/documents.js';
import { failureOf, refusalOf } from './test/failure-of.js';

const plugin = pluginOf(
  'packages/plugins/email',
  documentOf('a', validManifest),
  documentOf('b', validPackage),
);

test.each([
  [{}, '9.3.7', true],
  [{ version: '9.3.7' }, '9.3.7', true],
  [{ version: '9.3.6' }, '9.3.6', false],
  [{ tag: 'teleport-email-v9.3.7' }, '9.3.7', true],
  [{ tag: 'teleport-email-v9.4.0-beta.1' }, '9.4.0-beta.1', false],
  [{ version: '9.3.6', tag: 'teleport-email-v9.3.6' }, '9.3.6', false],
])('%j selects %s', (options, version, isTree) => {
  expect(selectVersion(options, plugin)).toEqual({
    version,
    releaseTag: `teleport-email-v${version}`,
    isTree,
  });
});

test.each([
  [
    { version: '9.3.6', tag: 'teleport-email-v9.3.7' },
    'version-conflict',
    '--version 9.3.6 and --tag teleport-email-v9.3.7 name two versions; give one of them',
  ],
  [
    { tag: 'teleport-slack-v9.3.7' },
    'version-conflict',
    '--tag "teleport-slack-v9.3.7" is a release of another plugin; those of packages/plugins/email begin with "teleport-email-v"',
  ],
  [
    { version: 'v9.3.7' },
    'version-invalid',
    '--version: expected a semantic version such as "9.3.7" or "9.4.0-beta.1", without build metadata or "-v", found "v9.3.7"',
  ],
  [{ version: '' }, 'version-invalid', 'found ""'],
  [{ tag: '9.3.7' }, 'release-tag-invalid', '--tag: expected a release tag'],
])('%j is refused', (options, code, message) => {
  expect(refusalOf(() => selectVersion(options, plugin))).toEqual([
    code,
    expect.stringContaining(message),
  ]);
});

test('a tag that is none is refused with one of the plugin for an example', () => {
  const slack = { ...plugin, releaseTagPrefix: 'terraform-provider-teleport' };
  expect(() => selectVersion({ tag: 'v9.1.3' }, slack)).toThrow(
    'expected a release tag such as "terraform-provider-teleport-v9.3.7"',
  );
});

test('any options select a version or are refused with an error of this package', () => {
  const option = fc.option(fc.string({ unit: 'binary' }), { nil: undefined });
  fc.assert(
    fc.property(option, option, (version, tag) => {
      failureOf(() => selectVersion({ version, tag }, plugin));
    }),
  );
});
