import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatPlatform, parsePlatform, samePlatform } from './platform.js';
import { platforms } from './test/arbitraries.js';
import { attempt } from './test/attempt.js';

describe('A platform', () => {
  test.each([
    ['linux/amd64', { os: 'linux', architecture: 'amd64' }],
    ['linux/arm64/v8', { os: 'linux', architecture: 'arm64', variant: 'v8' }],
    ['linux/arm/v7', { os: 'linux', architecture: 'arm', variant: 'v7' }],
    ['windows/amd64', { os: 'windows', architecture: 'amd64' }],
    ['linux/mips64le', { os: 'linux', architecture: 'mips64le' }],
  ])('is read from %s and written so', (text, platform) => {
    expect(parsePlatform(text)).toEqual(platform);
    expect(formatPlatform(platform)).toBe(text);
  });

  test.each([
    '',
    'linux',
    'linux/',
    '/amd64',
    'linux/amd64/',
    'Linux/amd64',
    'linux/arm/v7/x',
    ' ',
  ])('is not read from %j', (text) => {
    expect(() => parsePlatform(text)).toThrow(
      expect.objectContaining({ code: 'platform-invalid' }),
    );
  });

  test.each([
    ['linux/x86_64', 'amd64'],
    ['linux/aarch64', 'arm64'],
  ])('in the words of uname (%s) is refused with the word that images use', (text, word) => {
    expect(() => parsePlatform(text)).toThrow(`called "${word}"`);
  });

  test('is the same with or without the variant that goes without saying', () => {
    const same = (a: string, b: string) => samePlatform(parsePlatform(a), parsePlatform(b));
    expect(same('linux/arm64', 'linux/arm64/v8')).toBe(true);
    expect(same('linux/arm', 'linux/arm/v7')).toBe(true);
    expect(same('linux/amd64', 'linux/amd64/v1')).toBe(true);
    expect(same('linux/amd64', 'linux/amd64/v3')).toBe(false);
    expect(same('linux/arm/v6', 'linux/arm/v7')).toBe(false);
    expect(same('linux/amd64', 'windows/amd64')).toBe(false);
  });

  test('differs by the version and the features of its system', () => {
    const windows = { os: 'windows', architecture: 'amd64', 'os.version': '10.0.17763.1' };
    expect(samePlatform(windows, { ...windows, 'os.version': '10.0.20348.1' })).toBe(false);
    expect(samePlatform(windows, { ...windows, 'os.features': ['win32k'] })).toBe(false);
    expect(formatPlatform(windows)).toBe('windows/amd64 (10.0.17763.1)');
  });

  test('is the same as itself', () => {
    fc.assert(
      fc.property(platforms, (platform) => {
        expect(samePlatform(platform, structuredClone(platform))).toBe(true);
      }),
    );
  });

  test('comes back from its text, and anything else is an OciError', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('/', 'a', 'v', '7', '_', '.', 'X') }),
        (text) => {
          const result = attempt(() => parsePlatform(text));
          if (!(result instanceof Error)) expect(formatPlatform(result)).toBe(text);
        },
      ),
    );
  });
});
