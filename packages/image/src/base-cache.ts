import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import {
  createLayout,
  isDigest,
  OciError,
  splitDigest,
  type Content,
  type Digest,
  type OperationOptions,
  type Repository,
} from '@teleport-plugins/oci';

import { ImageError } from './error.js';

/**
 * The image layout in which a cache folder keeps what was obtained of bases; it is made when it is
 * missing. Whatever has become other bytes than those of its digest is dropped when it is read, so
 * that it is missing from then on, and obtained again by who runs next: a manifest at once, because
 * `resolve` does not find it; of a blob some may have been passed on by then, so that reading it throws
 * `base-damaged`. That is thrown, too, when the layout itself cannot be read.
 */
export async function openBaseCache(
  cacheDirectory: string,
  options: OperationOptions = {},
): Promise<Repository> {
  const directory = join(cacheDirectory, 'layout');
  const layout = await createLayout(directory, options).catch((error: unknown) => {
    throw isOf(error, 'layout-invalid') ? unusable(directory, error) : error;
  });
  const { blobs, manifests } = layout;
  return {
    name: layout.name,
    blobs: {
      ...blobs,
      async *fetch(blob, fetchOptions): Content {
        try {
          yield* blobs.fetch(blob, fetchOptions);
        } catch (error) {
          throw await dropped(directory, blob.digest, error);
        }
      },
    },
    manifests: {
      ...manifests,
      async resolve(reference, resolveOptions) {
        try {
          return await manifests.resolve(reference, resolveOptions);
        } catch (error) {
          if (!isDigest(reference) || !isOf(error, 'content-mismatch')) throw error;
          await drop(directory, reference, error);
          return undefined;
        }
      },
      async fetch(manifest, fetchOptions) {
        try {
          return await manifests.fetch(manifest, fetchOptions);
        } catch (error) {
          throw await dropped(directory, manifest.digest, error);
        }
      },
    },
  };
}

/** What to throw for an error of reading: when that is damage, the damage is removed before. */
async function dropped(directory: string, digest: Digest, error: unknown): Promise<unknown> {
  if (!isOf(error, 'content-mismatch')) return error;
  await drop(directory, digest, error);
  return new ImageError(
    'base-damaged',
    `the base cache ${directory} had other bytes than those of ${digest}, and has dropped them; run this again, which obtains them again`,
    { cause: error },
  );
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md#blobs */
async function drop(directory: string, digest: Digest, damage: OciError): Promise<void> {
  const { algorithm, hex } = splitDigest(digest);
  const path = join(directory, 'blobs', algorithm, hex);
  try {
    await rm(path, { force: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ImageError(
      'base-damaged',
      `the base cache ${directory} has other bytes than those of ${digest}, and cannot drop them: ${why}; delete ${path} and run this again`,
      { cause: damage },
    );
  }
}

function unusable(directory: string, cause: OciError): ImageError {
  return new ImageError(
    'base-damaged',
    `the base cache ${directory} cannot be used: ${cause.message}; delete the folder ${directory} and run this again, which obtains its content again`,
    { cause },
  );
}

function isOf(error: unknown, code: OciError['code']): error is OciError {
  return error instanceof OciError && error.code === code;
}
