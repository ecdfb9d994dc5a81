import {
  contentOf,
  descriptorOf,
  mediaType,
  type Descriptor,
  type Digest,
  type Repository,
} from '@teleport-plugins/oci';

/** An image or index in memory, with all that it consists of. */
export interface TestImage {
  readonly root: Descriptor;
  /** Children before what refers to them; the root is last. */
  readonly manifests: ReadonlyMap<Digest, Stored>;
  readonly blobs: ReadonlyMap<Digest, Stored>;
}

interface Stored {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** An image with layers of these contents; `options.subject` makes it a referrer. */
export function testImage(
  layers: readonly (string | Uint8Array)[],
  options: { readonly subject?: Descriptor; readonly artifactType?: string } = {},
): TestImage {
  const blobs = layers.map((layer) =>
    typeof layer === 'string'
      ? stored(mediaType.ociLayerTar, Buffer.from(layer))
      : stored(mediaType.ociLayerTarGzip, layer),
  );
  const digests = blobs.map(({ descriptor }) => descriptor.digest);
  const config = stored(mediaType.ociConfig, json({ digests }));
  const manifest = stored(
    mediaType.ociManifest,
    json({
      schemaVersion: 2,
      mediaType: mediaType.ociManifest,
      ...options,
      config: config.descriptor,
      layers: blobs.map(({ descriptor }) => descriptor),
    }),
  );
  return {
    root: manifest.descriptor,
    manifests: byDigest([manifest]),
    blobs: byDigest([config, ...blobs]),
  };
}

/** An index over images or over other indexes. */
export function testIndex(...images: readonly TestImage[]): TestImage {
  const index = stored(
    mediaType.ociIndex,
    json({
      schemaVersion: 2,
      mediaType: mediaType.ociIndex,
      manifests: images.map(({ root }) => root),
    }),
  );
  return {
    root: index.descriptor,
    manifests: new Map([
      ...images.flatMap(({ manifests }) => [...manifests]),
      [index.descriptor.digest, index],
    ]),
    blobs: new Map(images.flatMap(({ blobs }) => [...blobs])),
  };
}

/** Two platforms that share a base layer: 3 manifests, 6 blobs. */
export function twoPlatforms(salt = ''): TestImage {
  return testIndex(
    testImage([`base${salt}`, `amd64${salt}`]),
    testImage([`base${salt}`, `arm64${salt}`, 'more']),
  );
}

/** Puts an image into a repository, without a tag. */
export async function store(image: TestImage, repository: Repository): Promise<void> {
  for (const { descriptor, bytes } of image.blobs.values()) {
    await repository.blobs.push(descriptor, contentOf(bytes));
  }
  for (const { descriptor, bytes } of image.manifests.values()) {
    await repository.manifests.push(descriptor, bytes);
  }
}

/** The digests of the parts of an image that a repository has. */
export async function partsIn(repository: Repository, image: TestImage): Promise<Set<Digest>> {
  const parts = new Set<Digest>();
  for (const { descriptor } of image.blobs.values()) {
    if (await repository.blobs.exists(descriptor)) parts.add(descriptor.digest);
  }
  for (const digest of image.manifests.keys()) {
    if ((await repository.manifests.resolve(digest)) !== undefined) parts.add(digest);
  }
  return parts;
}

/** The digests of all parts of an image. */
export function partsOf(...images: readonly TestImage[]): Set<Digest> {
  return new Set(images.flatMap(({ manifests, blobs }) => [...manifests.keys(), ...blobs.keys()]));
}

function stored(type: string, bytes: Uint8Array): Stored {
  return { descriptor: descriptorOf(type, bytes), bytes };
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function byDigest(all: readonly Stored[]): ReadonlyMap<Digest, Stored> {
  return new Map(all.map((each) => [each.descriptor.digest, each]));
}
