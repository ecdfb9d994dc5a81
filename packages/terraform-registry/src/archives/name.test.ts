import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { architectures, operatingSystems } from '../platform.js';
import { archiveNames, soupOf } from '../test/arbitraries.js';
import { attempt } from '../test/attempt.js';
import { parseVersion } from '../version.js';
import { formatArchiveName, formatReleaseTag, parseArchiveName } from './name.js';

describe('The name of an archive', () => {
  test.each(operatingSystems.flatMap((os) => architectures.map((arch) => [os, arch] as const)))(
    'is read for %s on %s',
    (os, arch) => {
      const text = `terraform-provider-teleport-v9.1.3-${os}-${arch}-bin.tar.gz`;
      const name = { type: 'teleport', version: '9.1.3', platform: { os, arch } };
      expect(parseArchiveName(text)).toEqual(name);
    },
  );

  test.each([
    ['terraform-provider-teleport-v1.2.3-beta.1-linux-arm-bin.tar.gz', 'teleport', '1.2.3-beta.1'],
    ['terraform-provider-teleport-v1.2.3-rc-1-linux-arm-bin.tar.gz', 'teleport', '1.2.3-rc-1'],
    [
      'terraform-provider-teleport-v1.2.3-linux-arm-linux-arm-bin.tar.gz',
      'teleport',
      '1.2.3-linux-arm',
    ],
    ['terraform-provider-a-v1-v2.0.0-linux-arm-bin.tar.gz', 'a-v1', '2.0.0'],
  ])('is read from the right: %s', (text, type, version) => {
    const name = { type, version, platform: { os: 'linux', arch: 'arm' } };
    expect(parseArchiveName(text)).toEqual(name);
  });

  test.each([
    ['', 'name-invalid'],
    ['teleport-v9.1.3-linux-amd64-bin.tar.gz', 'name-invalid'],
    ['terraform-provider-teleport-9.1.3-linux-amd64-bin.tar.gz', 'name-invalid'],
    ['terraform-provider-teleport-v9.1-linux-amd64-bin.tar.gz', 'name-invalid'],
    ['terraform-provider-teleport-v9.1.3+1-linux-amd64-bin.tar.gz', 'name-invalid'],
    ['terraform-provider-teleport-v09.1.3-linux-amd64-bin.tar.gz', 'name-invalid'],
    ['terraform-provider--v9.1.3-linux-amd64-bin.tar.gz', 'name-invalid'],
    ['terraform-provider-teleport-v9.1.3-linux-amd64-bin.tar.gz.sha256', 'name-invalid'],
    ['terraform-provider-teleport-v9.1.3-linux-amd64-bin.zip', 'name-invalid'],
    ['../terraform-provider-teleport-v9.1.3-linux-amd64-bin.tar.gz', 'name-invalid'],
    ['terraform-provider-teleport-v9.1.3-linux-aarch64-bin.tar.gz', 'platform-invalid'],
    ['terraform-provider-teleport-v9.1.3-solaris-amd64-bin.tar.gz', 'platform-invalid'],
    ['terraform-provider-teleport-v9.1.3-Linux-amd64-bin.tar.gz', 'platform-invalid'],
  ])('is refused when it is none: %j', (text, code) => {
    expect(() => parseArchiveName(text)).toThrow(expect.objectContaining({ code }));
  });

  test('comes back from reading as it was written', () => {
    fc.assert(
      fc.property(archiveNames, (name) => {
        expect(parseArchiveName(formatArchiveName(name))).toEqual(name);
      }),
    );
  });

  test('that is accepted is the one that writing gives; every other is refused in one line', () => {
    const texts = soupOf(
      ...['terraform-provider-', 'teleport', '-v', '1.2.3', '-beta.1', '-linux', '-amd64', '-arm'],
      ...['-bin.tar.gz', '-', '\n', '/', '+', '.', 'v'],
    );
    fc.assert(
      fc.property(texts, (text) => {
        const name = attempt(() => parseArchiveName(text));
        if (name instanceof Error) expect(name.message).not.toContain('\n');
        else expect(formatArchiveName(name)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  test('begins with the release tag', () => {
    const version = parseVersion('9.1.3', 'test');
    const tag = formatReleaseTag({ type: 'teleport', version });
    expect(tag).toBe('terraform-provider-teleport-v9.1.3');
  });
});
