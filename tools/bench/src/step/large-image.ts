import { createCipheriv, createHash } from 'node:crypto';

import {
  contentOf,
  descriptorOf,
  mediaType,
  parseDigest,
  type Content,
  type Repository,
} from '@teleport-plugins/oci';

/** Pushes an image with one layer of that many bytes, which do not compress, and tags it. */
export async function pushLargeImage(to: Repository, tag: string, size: number): Promise<void> {
  const hash = createHash('sha256');
  for await (const piece of noise(size)) hash.update(piece);
  const layer = {
    // Any type that other tools neither unpack nor compress on the way.
    mediaType: mediaType.ociLayerTarGzip,
    digest: parseDigest(`sha256:${hash.digest('hex')}`),
    size,
  };
  const config = json({
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const configuration = descriptorOf(mediaType.ociConfig, config);
  const manifest = json({
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: configuration,
    layers: [layer],
  });
  const image = descriptorOf(mediaType.ociManifest, manifest);
  await to.blobs.push(layer, noise(size));
  await to.blobs.push(configuration, contentOf(config));
  await to.manifests.push(image, manifest);
  await to.manifests.tag(image, tag);
}

/** The same bytes every time, which look random. */
async function* noise(size: number): Content {
  const cipher = createCipheriv('aes-256-ctr', Buffer.alloc(32), Buffer.alloc(16));
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
