import {
  contentOf,
  descriptorOf,
  digestOf,
  formatPlatform,
  mediaType,
  memoryRepository,
  type Descriptor,
  type Platform,
  type Repository,
} from '@teleport-plugins/oci';

import type { BaseImage } from '../base.js';
import { canonicalJson, type Json } from '../canonical-json.js';

export const amd64: Platform = { os: 'linux', architecture: 'amd64' };
export const arm64: Platform = { os: 'linux', architecture: 'arm64' };

export interface BaseShape {
  readonly platforms: readonly Platform[];
  readonly family?: 'oci' | 'docker';
  /** Members of the config document, instead of the usual ones. */
  readonly config?: Readonly<Record<string, Json>>;
  readonly layerType?: string;
  /** What the index has besides the images. */
  readonly others?: readonly Descriptor[];
}

/** A small base image with one layer per platform, in memory. */
export async function memoryBase(shape: BaseShape): Promise<BaseImage> {
  const repository = memoryRepository('registry.example/node');
  const types = shape.family === 'docker' ? dockerTypes : ociTypes;
  const manifests: Json[] = [];
  for (const platform of shape.platforms) {
    const { mediaType: type, digest, size } = await pushPlatform(repository, platform, shape);
    manifests.push({ mediaType: type, digest, size, platform: { ...platform } });
  }
  const others = (shape.others ?? []).map((each) => ({ ...each }) as unknown as Json);
  const index = await pushDocument(repository, types.index, {
    manifests: [...manifests, ...others],
  });
  return { reference: `registry.example/node:20@${index.digest}`, index, repository };
}

/** The manifest of a platform as a base of its own. */
export async function memoryManifestBase(shape: BaseShape): Promise<BaseImage> {
  const repository = memoryRepository('registry.example/node');
  const [platform = amd64] = shape.platforms;
  const index = await pushPlatform(repository, platform, shape);
  return { reference: `registry.example/node@${index.digest}`, index, repository };
}

const ociTypes = {
  index: mediaType.ociIndex,
  manifest: mediaType.ociManifest,
  config: mediaType.ociConfig,
  layer: mediaType.ociLayerTarGzip,
};

const dockerTypes = {
  index: mediaType.dockerManifestList,
  manifest: mediaType.dockerManifest,
  config: mediaType.dockerConfig,
  layer: mediaType.dockerLayerGzip,
};

async function pushPlatform(
  repository: Repository,
  platform: Platform,
  shape: BaseShape,
): Promise<Descriptor> {
  const types = shape.family === 'docker' ? dockerTypes : ociTypes;
  // Nothing here unpacks a layer of the base.
  const content = Buffer.from(`what is in the base for ${formatPlatform(platform)}`);
  const layer = await pushBlob(repository, shape.layerType ?? types.layer, content);
  const config = await pushBlob(
    repository,
    types.config,
    canonicalJson({
      os: platform.os,
      architecture: platform.architecture,
      variant: platform.variant,
      config: {
        Env: ['PATH=/usr/local/bin:/usr/bin', 'NODE_VERSION=20.20.2'],
        Labels: { 'org.opencontainers.image.title': 'Node', vendor: 'example' },
        Volumes: { '/data': {} },
        Cmd: ['node'],
        Healthcheck: { Test: ['CMD', 'true'] },
        OnBuild: ['RUN evil'],
        User: '',
      },
      rootfs: { type: 'layers', diff_ids: [digestOf(content)] },
      history: [{ created_by: 'base' }],
      ...shape.config,
    }),
  );
  return pushDocument(repository, types.manifest, {
    config: { ...config },
    layers: [{ ...layer }],
  });
}

type Plain = Readonly<Record<'mediaType' | 'digest', string>> & { readonly size: number };

async function pushBlob(repository: Repository, type: string, bytes: Uint8Array): Promise<Plain> {
  const descriptor = descriptorOf(type, bytes);
  await repository.blobs.push(descriptor, contentOf(bytes));
  return { mediaType: type, digest: descriptor.digest, size: descriptor.size };
}

async function pushDocument(
  repository: Repository,
  type: string,
  members: Readonly<Record<string, Json>>,
): Promise<Descriptor> {
  const bytes = canonicalJson({ schemaVersion: 2, mediaType: type, ...members });
  const descriptor = descriptorOf(type, bytes);
  await repository.manifests.push(descriptor, bytes);
  return descriptor;
}
