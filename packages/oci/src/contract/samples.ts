import { contentOf, descriptorOf, mediaType, type Descriptor, type Repository } from '../index.js';

/** A document or blob as it is pushed. */
export interface Sample {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** A manifest with the blobs it refers to. */
export interface SampleImage extends Sample {
  readonly blobs: readonly Sample[];
}

export function sampleBlob(text: string, type: string = mediaType.ociLayerTar): Sample {
  const bytes = Buffer.from(text);
  return { descriptor: descriptorOf(type, bytes), bytes };
}

/** A small image of its own for each text, formatted unlike anything that this code writes. */
export function sampleImage(text: string, members: Readonly<Record<string, unknown>> = {}) {
  const config = sampleBlob(JSON.stringify({ text }), mediaType.ociConfig);
  const layer = sampleBlob(`layer of ${text}`);
  return imageOf(mediaType.ociManifest, config, [layer], members);
}

/** An image that tools which look into it take for one: an empty layer, and a config that says so. */
export function sampleRunnable(architecture: string): SampleImage {
  const layer = sampleBlob('\0'.repeat(1024));
  const config = {
    architecture,
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [layer.descriptor.digest] },
  };
  return imageOf(mediaType.ociManifest, sampleBlob(JSON.stringify(config), mediaType.ociConfig), [
    layer,
  ]);
}

export function sampleDockerImage(text: string): SampleImage {
  const config = sampleBlob(JSON.stringify({ text }), mediaType.dockerConfig);
  return imageOf(mediaType.dockerManifest, config, [sampleBlob(text, mediaType.dockerLayerGzip)]);
}

/** An artifact that says something about a manifest, as a signature or SBOM does. */
export function sampleReferrer(subject: Descriptor, members: Readonly<Record<string, unknown>>) {
  const empty = sampleBlob('{}', mediaType.ociEmpty);
  return imageOf(mediaType.ociManifest, empty, [empty], { subject, ...members });
}

export function sampleIndex(images: readonly Sample[], type: string = mediaType.ociIndex): Sample {
  const architectures = ['amd64', 'arm64', 'riscv64'];
  const manifests = images.map(({ descriptor }, position) => ({
    ...descriptor,
    platform: { os: 'linux', architecture: architectures[position] },
  }));
  return document(type, { schemaVersion: 2, mediaType: type, manifests });
}

/** Pushes the blobs of an image, then the image. */
export async function pushImage(repository: Repository, image: SampleImage): Promise<void> {
  for (const { descriptor, bytes } of image.blobs) {
    await repository.blobs.push(descriptor, contentOf(bytes));
  }
  await repository.manifests.push(image.descriptor, image.bytes);
}

export async function gathered<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function imageOf(
  type: string,
  config: Sample,
  layers: readonly Sample[],
  members: Readonly<Record<string, unknown>> = {},
): SampleImage {
  const { descriptor, bytes } = document(type, {
    unknownMember: [1, 2.5, 'three'],
    schemaVersion: 2,
    mediaType: type,
    config: config.descriptor,
    layers: layers.map((layer) => layer.descriptor),
    ...members,
  });
  return { descriptor, bytes, blobs: [config, ...layers] };
}

function document(type: string, value: unknown): Sample {
  const bytes = Buffer.from(` ${JSON.stringify(value, undefined, '\t')}\r\n`);
  return { descriptor: descriptorOf(type, bytes), bytes };
}
