import {
  formatPlatform,
  isIndexType,
  isManifestType,
  mediaType,
  parseManifest,
  readAll,
  samePlatform,
  type Descriptor,
  type ImageManifest,
  type OperationOptions,
  type Platform,
  type Repository,
} from '@teleport-plugins/oci';

import { parseBaseConfig, type BaseConfig } from './base-config.js';
import { ImageError } from './error.js';

/** An image to build on. */
export interface BaseImage {
  /** A reference with a digest, or `hostBaseReference`. */
  readonly reference: string;
  /** The index of the base, or its manifest where it is for one platform only. */
  readonly index: Descriptor;
  /** Where manifests and blobs of the base are read. */
  readonly repository: Repository;
}

/** A base for one platform. */
export interface PlatformBase {
  readonly platform: Platform;
  readonly manifest: Descriptor;
  /** With OCI media types, lowest first. */
  readonly layers: readonly Descriptor[];
  readonly config: BaseConfig;
}

/**
 * The name of the base that is made of the Node that runs here. It is the annotation
 * `org.opencontainers.image.base.name` of every image built on it, by which an environment that
 * publishes can refuse such an image; no reference to a registry reads like it.
 */
export const hostBaseReference = 'host';

/**
 * The base for each of the platforms. Throws `platform-missing`, naming what there is, when it lacks
 * one; the host base has a single platform, and the others are `omitted`.
 */
export async function selectBases(
  base: BaseImage,
  wanted: readonly Platform[],
  options: OperationOptions = {},
): Promise<{ readonly selected: readonly PlatformBase[]; readonly omitted: readonly Platform[] }> {
  const available = await candidates(base, options);
  const find = (platform: Platform): Candidate | undefined =>
    available.find((each) => samePlatform(each.platform, platform));

  const omitted = wanted.filter((platform) => find(platform) === undefined);
  const found = wanted.flatMap((platform) => find(platform) ?? []);
  const isEnough = base.reference === hostBaseReference ? found.length > 0 : omitted.length === 0;
  if (!isEnough) throw platformMissing(base, omitted, available);

  const selected: PlatformBase[] = [];
  for (const candidate of found) selected.push(await readBase(base, candidate, options));
  return { selected, omitted };
}

interface Candidate {
  readonly platform: Platform;
  readonly manifest: Descriptor;
}

async function candidates(
  base: BaseImage,
  options: OperationOptions,
): Promise<readonly Candidate[]> {
  const bytes = await base.repository.manifests.fetch(base.index, options);
  const document = parseManifest(base.index, bytes);
  if (document.kind === 'image') {
    const { platform } = await readConfig(base, document, options);
    return [{ platform, manifest: base.index }];
  }
  return document.manifests.flatMap((manifest) => {
    const { platform } = manifest;
    const isImage = isManifestType(manifest.mediaType) && !isIndexType(manifest.mediaType);
    // BuildKit lists attestations as manifests for the platform unknown/unknown.
    return isImage && platform && platform.os !== 'unknown' ? [{ platform, manifest }] : [];
  });
}

async function readBase(
  base: BaseImage,
  { platform, manifest }: Candidate,
  options: OperationOptions,
): Promise<PlatformBase> {
  const bytes = await base.repository.manifests.fetch(manifest, options);
  const document = parseManifest(manifest, bytes);
  if (document.kind !== 'image') throw invalid(base, `${manifest.digest} is not an image manifest`);
  const config = await readConfig(base, document, options);
  if (!samePlatform(config.platform, platform)) {
    const [listed, found] = [formatPlatform(platform), formatPlatform(config.platform)];
    throw invalid(base, `${manifest.digest} is listed for ${listed}, but its config says ${found}`);
  }
  const [layers, diffIds] = [document.layers.length, config.diffIds.length];
  if (layers !== diffIds) {
    throw invalid(base, `${manifest.digest} has ${layers} layers, but ${diffIds} diff_ids`);
  }
  return {
    platform,
    manifest,
    layers: document.layers.map((layer) => ociLayer(base, layer)),
    config,
  };
}

async function readConfig(
  base: BaseImage,
  { config }: ImageManifest,
  options: OperationOptions,
): Promise<BaseConfig> {
  const type = config.mediaType;
  if (type !== mediaType.ociConfig && type !== mediaType.dockerConfig) {
    throw invalid(base, `it is not a container image, its config is of the type ${type}`);
  }
  const content = base.repository.blobs.fetch(config, options);
  return parseBaseConfig(await readAll(content, { limit: configLimit }), base.reference);
}

/** In bytes; far above any config, far below what would hurt. */
const configLimit = 8 * 1024 * 1024;

const ociTypes: ReadonlyMap<string, string> = new Map([
  [mediaType.ociLayerTar, mediaType.ociLayerTar],
  [mediaType.ociLayerTarGzip, mediaType.ociLayerTarGzip],
  [mediaType.ociLayerTarZstd, mediaType.ociLayerTarZstd],
  [mediaType.dockerLayerGzip, mediaType.ociLayerTarGzip],
]);

/** The layer under the OCI name of its type: the bytes are the same, and a manifest is of one family. */
function ociLayer(base: BaseImage, { mediaType: type, digest, size }: Descriptor): Descriptor {
  const ociType = ociTypes.get(type);
  if (ociType !== undefined) return { mediaType: ociType, digest, size };
  throw invalid(base, `layer ${digest} is of the type ${type}, which cannot be distributed`);
}

function invalid(base: BaseImage, problem: string): ImageError {
  return new ImageError('base-invalid', `base ${base.reference}: ${problem}; name another base`);
}

function platformMissing(
  base: BaseImage,
  missing: readonly Platform[],
  available: readonly Candidate[],
): ImageError {
  const has = available.map((each) => formatPlatform(each.platform)).join(', ') || 'none';
  return new ImageError(
    'platform-missing',
    `base ${base.reference} is not there for ${missing.map(formatPlatform).join(', ')}, only for ${has}; declare these platforms, or name another base`,
  );
}
