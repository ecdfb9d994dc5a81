import type { Descriptor } from './descriptor.js';
import type { ImageIndex, ImageManifest } from './manifest.js';

/**
 * The descriptor under which a manifest is listed among the referrers of its subject: with its artifact
 * type, or that of its config where it states none, and with its annotations.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-referrers
 */
export function referrerOf(
  { mediaType, digest, size }: Descriptor,
  manifest: ImageManifest | ImageIndex,
): Descriptor {
  const config = manifest.kind === 'image' ? manifest.config.mediaType : undefined;
  const artifactType = manifest.artifactType ?? config;
  const { annotations } = manifest;
  return {
    mediaType,
    digest,
    size,
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations && { annotations }),
  };
}
