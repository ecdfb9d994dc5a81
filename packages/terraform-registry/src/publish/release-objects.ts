import type { WantedObject } from './planned.js';
import { wantedBytes } from './planned.js';
import { formatDownload } from '../documents/download.js';
import { cacheControl, contentType, fileNames, keys } from '../documents/layout.js';
import { formatManifest, sumsOf, type ReleaseManifest } from '../documents/manifest.js';
import { formatMirrorVersion } from '../documents/mirror.js';

const brief = { contentType: contentType.json, cacheControl: cacheControl.brief };

/** The sums of all platforms of a release. */
export function sumsObject(
  release: Pick<ReleaseManifest, 'namespace' | 'type' | 'version' | 'revision' | 'packages'>,
) {
  const key = keys.file(release, release.version, fileNames.sums(release, release.revision));
  const labels = { contentType: contentType.sums, cacheControl: cacheControl.forever };
  return wantedBytes(key, sumsOf(release), labels);
}

export function signatureKey(release: Omit<ReleaseManifest, 'signature'>): string {
  const sums = fileNames.sums(release, release.revision);
  const ids = release.keys.map(({ keyId }) => keyId);
  return keys.file(release, release.version, fileNames.signature(sums, ids));
}

export function signatureObject(
  release: Omit<ReleaseManifest, 'signature'>,
  signature: Uint8Array,
): WantedObject {
  const labels = { contentType: contentType.signature, cacheControl: cacheControl.forever };
  return wantedBytes(signatureKey(release), signature, labels);
}

/** The documents that clients read of a version. */
export function clientDocuments(
  release: ReleaseManifest,
  mirrorHosts: readonly string[],
): readonly WantedObject[] {
  const downloads = release.packages.map((each) =>
    wantedBytes(
      keys.download(release, release.version, each.platform),
      formatDownload(release, each),
      brief,
    ),
  );
  const mirrored = mirrorHosts.map((host) =>
    wantedBytes(
      keys.mirrorVersion(host, release, release.version),
      formatMirrorVersion(host, release),
      brief,
    ),
  );
  return [...downloads, ...mirrored];
}

/** The record that the version is complete. */
export function manifestObject(release: ReleaseManifest): WantedObject {
  return wantedBytes(keys.manifest(release, release.version), formatManifest(release), {
    contentType: contentType.json,
    cacheControl: cacheControl.never,
  });
}
