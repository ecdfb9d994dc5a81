import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { manifests } from '../test/manifests.js';
import { fileNames, keys, releaseOfKey } from './layout.js';

const host = 'tf.example.com';

describe('The release of an object', () => {
  test('is told by its key, whatever the object is', () => {
    fc.assert(
      fc.property(manifests, (release) => {
        const { type, version, packages } = release;
        const [{ platform } = { platform: { os: 'linux', arch: 'amd64' } }] = packages;
        const ofIt = [
          keys.download(release, version, platform),
          keys.file(release, version, fileNames.zip(release, platform)),
          keys.file(release, version, fileNames.sums(release, 2)),
          keys.manifest(release, version),
          keys.withdrawal(release, version),
          keys.mirrorVersion(host, release, version),
        ];
        for (const key of ofIt) expect(releaseOfKey(key), key).toEqual({ type, version });
        const ofAll = [keys.discovery, keys.index(release), keys.mirrorIndex(host, release)];
        for (const key of ofAll) expect(releaseOfKey(key), key).toBeUndefined();
      }),
    );
  });
});
