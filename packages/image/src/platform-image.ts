import {
  formatPlatform,
  parseManifest,
  samePlatform,
  type Descriptor,
  type ImageManifest,
  type OperationOptions,
  type Platform,
  type Repository,
} from '@teleport-plugins/oci';

import { ImageError } from './error.js';

/** The image for one platform, out of those that an index lists. */
export interface PlatformImage {
  readonly descriptor: Descriptor;
  /** The exact bytes of the manifest. */
  readonly bytes: Uint8Array;
  readonly manifest: ImageManifest;
}

/**
 * Finds the image for a platform; a root that is an image itself, and no index, is taken for it. Throws
 * ImageError `platform-missing`, which names the platforms that there are.
 */
export async function platformImage(
  repository: Repository,
  root: Descriptor,
  platform: Platform,
  options: OperationOptions = {},
): Promise<PlatformImage> {
  const read = async (descriptor: Descriptor) => {
    const bytes = await repository.manifests.fetch(descriptor, options);
    return { descriptor, bytes, manifest: parseManifest(descriptor, bytes) };
  };
  const { descriptor, bytes, manifest } = await read(root);
  if (manifest.kind === 'image') return { descriptor, bytes, manifest };
  const listed = manifest.manifests.find(
    (each) => each.platform !== undefined && samePlatform(each.platform, platform),
  );
  const found = listed && (await read(listed));
  if (found?.manifest.kind === 'image') return { ...found, manifest: found.manifest };
  const has = manifest.manifests.flatMap((each) => each.platform ?? []).map(formatPlatform);
  const others = has.length === 0 ? 'it names no platforms' : `only for ${has.join(', ')}`;
  throw new ImageError(
    'platform-missing',
    `image ${root.digest} is not there for ${formatPlatform(platform)}, ${others}`,
  );
}
