import { dirname, join } from 'node:path';

import { verified, type Content } from '../content.js';
import type { Descriptor } from '../descriptor.js';
import { splitDigest, type Digest } from '../digest.js';
import { OciError } from '../error.js';
import { blobNotFound } from '../refusal.js';
import type { OperationOptions } from '../operation.js';
import type { BlobStore } from '../repository.js';
import { writeAtomically } from './atomic-file.js';
import { makeDirectory } from './directory.js';
import { fileContent, fileSize } from './read-file.js';
import type { Surroundings } from './surroundings.js';

/** https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md#blobs */
export function layoutBlobs(layout: string, surroundings: Surroundings): BlobStore {
  return {
    async exists(blob, options) {
      options?.signal?.throwIfAborted();
      return (await fileSize(blobPath(layout, blob.digest), surroundings)) === blob.size;
    },
    async *fetch(blob, options): Content {
      options?.signal?.throwIfAborted();
      const path = blobPath(layout, blob.digest);
      if ((await fileSize(path, surroundings)) === undefined) throw blobNotFound(layout, blob);
      try {
        yield* verified(fileContent(path, surroundings, options), blob);
      } catch (error) {
        throw isMismatch(error) ? damagedBlob(path, error) : error;
      }
    },
    async push(blob, content, options) {
      options?.signal?.throwIfAborted();
      await writeBlob(layout, blob, content, surroundings, options);
    },
  };
}

export function blobPath(layout: string, digest: Digest): string {
  const { algorithm, hex } = splitDigest(digest);
  return join(layout, 'blobs', algorithm, hex);
}

/**
 * Writes a blob even when there is a file of its name: that one may be damaged, and a caller that
 * does not mean to write asks for it first.
 */
export async function writeBlob(
  layout: string,
  blob: Descriptor,
  content: Content,
  surroundings: Surroundings,
  options: OperationOptions | undefined,
): Promise<void> {
  const path = blobPath(layout, blob.digest);
  await makeDirectory(dirname(path), surroundings);
  await writeAtomically(layout, path, verified(content, blob), surroundings, options);
}

export function isMismatch(error: unknown): error is OciError {
  return error instanceof OciError && error.code === 'content-mismatch';
}

export function damagedBlob(path: string, cause: OciError): OciError {
  return new OciError(
    'content-mismatch',
    `${path}: ${cause.message}; if the file is damaged, delete it and write the image again`,
    { cause },
  );
}
