import { createHash } from 'node:crypto';

import {
  mediaType,
  type BlobStore,
  type Content,
  type Descriptor,
  type Digest,
  type OperationOptions,
} from '@teleport-plugins/oci';

import { gzip } from './gzip.js';
import { openScratch } from './scratch.js';
import { tar, type TarEntry, type TarOptions } from './tar.js';

/** A stored layer. */
export interface Layer {
  readonly descriptor: Descriptor;
  /** Its digest without compression. */
  readonly diffId: Digest;
}

export interface GzipLayerOptions extends TarOptions {
  /** A folder for the layer until its digest is known. */
  readonly scratchDirectory: string;
}

/** Writes a compressed layer of the entries, unless it is there. Memory does not grow with its size. */
export async function writeGzipLayer(
  entries: Iterable<TarEntry>,
  blobs: BlobStore,
  options: GzipLayerOptions,
): Promise<Layer> {
  const scratch = await openScratch(options.scratchDirectory);
  try {
    const archive = measured(tar(entries, options));
    const compressed = measured(gzip(archive.content));
    await scratch.write(compressed.content);
    const descriptor = { mediaType: mediaType.ociLayerTarGzip, ...compressed.result() };
    await pushMissing(blobs, descriptor, () => scratch.read(), options);
    return { descriptor, diffId: archive.result().digest };
  } finally {
    await scratch.close();
  }
}

/**
 * Writes a layer of the entries as it is, unless it is there. The files are read twice, which is
 * faster than writing them down in between.
 */
export async function writePlainLayer(
  entries: Iterable<TarEntry>,
  blobs: BlobStore,
  options: TarOptions,
): Promise<Layer> {
  const archive = measured(tar(entries, options));
  await drain(archive.content);
  const descriptor = { mediaType: mediaType.ociLayerTar, ...archive.result() };
  await pushMissing(blobs, descriptor, () => tar(entries, options), options);
  return { descriptor, diffId: descriptor.digest };
}

async function pushMissing(
  blobs: BlobStore,
  descriptor: Descriptor,
  content: () => Content,
  options: OperationOptions,
): Promise<void> {
  if (await blobs.exists(descriptor, options)) return;
  await blobs.push(descriptor, content(), options);
}

async function drain(content: Content): Promise<void> {
  const pieces = content[Symbol.asyncIterator]();
  while ((await pieces.next()).done !== true);
}

/** The same content, and its digest and size once it was read to the end. */
function measured(content: Content): {
  readonly content: Content;
  readonly result: () => Pick<Descriptor, 'digest' | 'size'>;
} {
  const hash = createHash('sha256');
  let size = 0;
  async function* pass(): Content {
    for await (const piece of content) {
      hash.update(piece);
      size += piece.length;
      yield piece;
    }
  }
  return { content: pass(), result: () => ({ digest: `sha256:${hash.digest('hex')}`, size }) };
}
