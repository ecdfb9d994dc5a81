import {
  contentOf,
  descriptorOf,
  mediaType,
  type Descriptor,
  type OperationOptions,
  type Platform,
  type Repository,
} from '@teleport-plugins/oci';

import { canonicalJson, type Json } from './canonical-json.js';

/** A text for every key, on a manifest or an index. */
export type Annotations = Readonly<Record<string, string>>;

/** Writes the config of an image. */
export async function writeConfig(
  repository: Repository,
  bytes: Uint8Array,
  options?: OperationOptions,
): Promise<Descriptor> {
  const config = descriptorOf(mediaType.ociConfig, bytes);
  if (!(await repository.blobs.exists(config, options))) {
    await repository.blobs.push(config, contentOf(bytes), options);
  }
  return config;
}

/** Writes the manifest of an image for one platform. https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md */
export async function writeManifest(
  repository: Repository,
  parts: {
    readonly config: Descriptor;
    readonly layers: readonly Descriptor[];
    readonly annotations: Annotations;
  },
  options?: OperationOptions,
): Promise<Descriptor> {
  const document = {
    config: reference(parts.config),
    layers: parts.layers.map(reference),
    annotations: parts.annotations,
  };
  return write(repository, mediaType.ociManifest, document, options);
}

/** Writes the index of an image. https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md */
export async function writeIndex(
  repository: Repository,
  parts: {
    readonly platforms: readonly { readonly platform: Platform; readonly manifest: Descriptor }[];
    readonly annotations: Annotations;
  },
  options?: OperationOptions,
): Promise<Descriptor> {
  const document = {
    manifests: parts.platforms.map(({ platform, manifest }) => ({
      ...reference(manifest),
      platform: platformMembers(platform),
    })),
    annotations: parts.annotations,
  };
  return write(repository, mediaType.ociIndex, document, options);
}

/** The members of a platform, which have the same names in a config and in an index. */
export function platformMembers(platform: Platform): Readonly<Record<string, Json | undefined>> {
  return {
    os: platform.os,
    architecture: platform.architecture,
    variant: platform.variant,
    'os.version': platform['os.version'],
    'os.features': platform['os.features'],
  };
}

async function write(
  repository: Repository,
  type: string,
  document: Readonly<Record<string, Json>>,
  options: OperationOptions | undefined,
): Promise<Descriptor> {
  const bytes = canonicalJson({ schemaVersion: 2, mediaType: type, ...document });
  const descriptor = descriptorOf(type, bytes);
  const stored = await repository.manifests.resolve(descriptor.digest, options);
  if (stored === undefined) await repository.manifests.push(descriptor, bytes, options);
  return descriptor;
}

function reference({ mediaType: type, digest, size }: Descriptor): Readonly<Record<string, Json>> {
  return { mediaType: type, digest, size };
}
