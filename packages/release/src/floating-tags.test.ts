import fc from 'fast-check';
import { expect, test } from 'vitest';

import { floatingTagKinds, floatingTags } from './floating-tags.js';
import { releaseVersions, versions } from './test/versions.js';
import { compareVersions, isPrerelease, parseVersion } from './version.js';

const version = (text: string) => parseVersion(text, 'test');
const all = [...floatingTagKinds];

test.each([
  ['9.3.7', [], ['9', '9.3', 'latest']],
  ['9.3.7', ['9.3.6', '9.2.9', '8.0.0'], ['9', '9.3', 'latest']],
  ['9.3.7', ['9.3.7', '9', '9.3', 'latest'], ['9', '9.3', 'latest']],
  ['9.3.7', ['10.0.0'], ['9', '9.3']],
  ['9.3.7', ['9.4.0', '10.0.0'], ['9.3']],
  ['9.3.7', ['9.3.10'], []],
  ['9.3.7', ['9.3.8-beta.1', '10.0.0-rc.1'], ['9', '9.3', 'latest']],
  ['9.3.7', ['v10.0.0', '10', '10.0', '10.0.0+x', '10.0.0-v1', 'zzz', ''], ['9', '9.3', 'latest']],
  ['9.3.8-beta.1', [], []],
  ['0.1.0', ['0.0.9'], ['0', '0.1', 'latest']],
])('version %s beside %j moves %j', (text, existing, moved) => {
  expect(floatingTags(version(text), all, existing)).toEqual(moved);
});

test('only declared tags move, in the order of their declaration', () => {
  expect(floatingTags(version('9.3.7'), ['latest', 'major'], [])).toEqual(['latest', '9']);
  expect(floatingTags(version('9.3.7'), [], [])).toEqual([]);
});

test('in whichever order versions are released, each tag ends at the highest version of its range', () => {
  fc.assert(
    fc.property(fc.array(versions, { maxLength: 12 }), (released) => {
      const registry = new Map<string, string>();
      for (const each of released) {
        const tags = floatingTags(each, all, [...registry.keys()]);
        for (const tag of [each, ...tags]) registry.set(tag, each);
      }
      const highestIn = (range: string) =>
        released
          .filter((each) => !isPrerelease(each) && (range === '' || each.startsWith(range)))
          .sort(compareVersions)
          .at(-1);
      const floating = [...registry].filter(([tag]) => !released.some((each) => each === tag));
      for (const [tag, target] of floating) {
        expect(target).toBe(highestIn(tag === 'latest' ? '' : `${tag}.`));
      }
      expect(registry.get('latest')).toBe(highestIn(''));
    }),
  );
});

test('what other people tagged does not matter', () => {
  const foreign = fc.array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('latest', '1', 'v9.9.9', '9.9.9+1', '9.9.9-a', '__proto__'),
    ),
  );
  fc.assert(
    fc.property(releaseVersions, foreign, fc.array(releaseVersions), (own, noise, existing) => {
      const tags = noise.filter((tag) => !/^\d+\.\d+\.\d+$/.test(tag));
      expect(floatingTags(own, all, [...tags, ...existing])).toEqual(
        floatingTags(own, all, existing),
      );
    }),
  );
});
