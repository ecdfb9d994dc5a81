import { createCipheriv, createHash } from 'node:crypto';

import {
  contentOf,
  descriptorOf,
  mediaType,
  parseDigest,
  type Content,
  type Descriptor,
  type Repository,
} from '@teleport-plugins/oci';

/** An image of nothing but noise, which does not compress. */
export interface NoiseImage {
  /** That many images under one index; all their layers differ. */
  readonly platforms: number;
  /** Of each platform. */
  readonly layers: number;
  /** Of each layer, in bytes. */
  readonly layerSize: number;
}

/** Pushes such an image, which is the same every time, and tags it. */
export async function pushNoise(to: Repository, tag: string, image: NoiseImage): Promise<void> {
  const manifests: Descriptor[] = [];
  for (let platform = 0; platform < image.platforms; platform++) {
    const architecture = `noise${platform}`;
    const layers: Descriptor[] = [];
    for (let layer = 0; layer < image.layers; layer++) {
      layers.push(await pushLayer(to, `${platform} ${layer}`, image.layerSize));
    }
    const config = await pushConfig(to, architecture, layers);
    const manifest = await pushManifest(to, mediaType.ociManifest, { config, layers });
    manifests.push({ ...manifest, platform: { os: 'linux', architecture } });
  }
  const index = await pushManifest(to, mediaType.ociIndex, { manifests });
  await to.manifests.tag(index, tag);
}

async function pushLayer(to: Repository, seed: string, size: number): Promise<Descriptor> {
  const hash = createHash('sha256');
  for await (const piece of noise(seed, size)) hash.update(piece);
  const digest = parseDigest(`sha256:${hash.digest('hex')}`);
  // A type that other tools do not compress on the way.
  const layer = { mediaType: mediaType.ociLayerTarGzip, digest, size };
  await to.blobs.push(layer, noise(seed, size));
  return layer;
}

async function pushConfig(
  to: Repository,
  architecture: string,
  layers: readonly Descriptor[],
): Promise<Descriptor> {
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
  const bytes = json({ architecture, os: 'linux', rootfs });
  const config = descriptorOf(mediaType.ociConfig, bytes);
  await to.blobs.push(config, contentOf(bytes));
  return config;
}

async function pushManifest(to: Repository, type: string, parts: object): Promise<Descriptor> {
  const bytes = json({ schemaVersion: 2, mediaType: type, ...parts });
  const manifest = descriptorOf(type, bytes);
  await to.manifests.push(manifest, bytes);
  return manifest;
}

/** The same bytes every time, which look random. */
async function* noise(seed: string, size: number): Content {
  const key = createHash('sha256').update(seed).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(256 * 1024);
  for (let left = size; left > 0; left -= zeros.byteLength) {
    yield cipher.update(zeros.subarray(0, Math.min(left, zeros.byteLength)));
    // The cipher never waits: let the others have their turn.
    await new Promise(setImmediate);
  }
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
