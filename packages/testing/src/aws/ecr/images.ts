import { AwsFault } from '../fault.js';
import {
  authorizeRepository,
  listIn,
  pageOf,
  repositoryIn,
  repositoryNameIn,
  seconds,
  type EcrCall,
  type EcrOperation,
} from './call.js';
import type { EcrRegistry } from './registries.js';
import { privateRegistryOf } from './repositories.js';
import { publicRegistryOf } from './public-repositories.js';
import { upstreamOf, type Upstream } from './upstream.js';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html; images without a tag are not found. */
export const describeImages: EcrOperation = (call) =>
  imagesOf(call, privateRegistryOf(call), 'ecr:DescribeImages');

export const describePublicImages: EcrOperation = (call) =>
  imagesOf(call, publicRegistryOf(call), 'ecr-public:DescribeImages');

export const listImages: EcrOperation = async (call) => {
  const registry = privateRegistryOf(call);
  const images = await imagesIn(upstreamFor(call, registry, 'ecr:ListImages').upstream);
  const ids = images.flatMap(({ digest, tags }) =>
    tags.map((imageTag) => ({ imageDigest: digest, imageTag })),
  );
  const { page, next } = pageOf(call, ids);
  return { imageIds: page, ...next };
};

export const batchCheckLayerAvailability: EcrOperation = (call) =>
  layersOf(call, privateRegistryOf(call), 'ecr:BatchCheckLayerAvailability');

export const batchCheckPublicLayerAvailability: EcrOperation = (call) =>
  layersOf(call, publicRegistryOf(call), 'ecr-public:BatchCheckLayerAvailability');

async function imagesOf(call: EcrCall, registry: EcrRegistry, action: string): Promise<unknown> {
  const { name, upstream, createdAt } = upstreamFor(call, registry, action);
  const images = await imagesIn(upstream);
  const ids = listIn(call, 'imageIds') as readonly ImageId[] | undefined;
  const wanted = ids
    ? await Promise.all(ids.map((id) => imageOf(id, images, upstream, { registry, name })))
    : images;
  const { page, next } = pageOf(call, wanted);
  const imageDetails = page.map(({ digest, tags, mediaType, size }) => ({
    registryId: registry.account,
    repositoryName: name,
    imageDigest: digest,
    ...(tags.length > 0 && { imageTags: tags }),
    imageSizeInBytes: size,
    imagePushedAt: seconds(createdAt),
    imageManifestMediaType: mediaType,
  }));
  return { imageDetails, ...next };
}

interface ImageId {
  readonly imageDigest?: string;
  readonly imageTag?: string;
}

interface Image {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly mediaType: string;
  readonly size: number;
}

async function imagesIn(upstream: Upstream): Promise<readonly Image[]> {
  const images = new Map<string, Image>();
  for (const tag of await upstream.tags()) {
    const manifest = await upstream.manifest(tag);
    if (!manifest) continue;
    const tags = images.get(manifest.digest)?.tags ?? [];
    images.set(manifest.digest, { ...manifest, tags: [...tags, tag] });
  }
  return [...images.values()];
}

async function imageOf(
  { imageDigest, imageTag }: ImageId,
  images: readonly Image[],
  upstream: Upstream,
  { registry, name }: { readonly registry: EcrRegistry; readonly name: string },
): Promise<Image> {
  const tagged = images.find(({ digest, tags }) =>
    imageTag === undefined ? digest === imageDigest : tags.includes(imageTag),
  );
  const untagged = imageDigest === undefined ? undefined : await upstream.manifest(imageDigest);
  const found =
    tagged ?? (imageTag === undefined && untagged ? { ...untagged, tags: [] } : undefined);
  if (found?.digest === (imageDigest ?? found?.digest) && found) return found;
  throw new AwsFault(
    { code: 'ImageNotFoundException' },
    `The image with imageId {imageDigest:'${imageDigest ?? 'null'}', imageTag:'${imageTag ?? 'null'}'} does not exist ` +
      `within the repository with name '${name}' in the registry with id '${registry.account}'`,
  );
}

async function layersOf(call: EcrCall, registry: EcrRegistry, action: string): Promise<unknown> {
  const { upstream } = upstreamFor(call, registry, action);
  const layers: unknown[] = [];
  const failures: unknown[] = [];
  for (const layerDigest of listIn(call, 'layerDigests')?.map(String) ?? []) {
    const size = await upstream.blobSize(layerDigest);
    if (size === undefined) {
      const failureReason = 'Unable to find layer';
      failures.push({ layerDigest, failureCode: 'MissingLayerDigest', failureReason });
    } else {
      layers.push({ layerDigest, layerAvailability: 'AVAILABLE', layerSize: size });
    }
  }
  return { layers, failures };
}

function upstreamFor(call: EcrCall, registry: EcrRegistry, action: string) {
  const name = repositoryNameIn(call, 256);
  authorizeRepository(call, action, registry, name);
  const { createdAt } = repositoryIn(registry, name);
  return { name, createdAt, upstream: upstreamOf(registry, name) };
}
