import { ObjectStoreError } from '../error.js';
import type { Key } from '../key.js';
import type { ObjectInfo, Version } from '../store.js';
import { explaining, unlessAbsent } from './failure.js';
import { beginningOf, withFile } from './read-file.js';
import type { Identity } from './status.js';
import type { Surroundings } from './surroundings.js';

/** What one content of a key is. */
export interface Attributes extends Identity {
  readonly version: Version;
  /** In hex; finds the attributes of a content when its file was copied, and is another one. */
  readonly sha256: string;
  readonly contentType: string;
  readonly cacheControl?: string;
}

/** In bytes; two entries of about 500, and labels of any sensible length. */
const limit = 64 * 1024;

/**
 * The attributes of the contents that a key has, or is about to have, oldest first. A write puts down
 * those of the old and of the new content, and then makes the new one visible: at every instant those of
 * the visible one are among them.
 */
export async function readAttributes(
  path: string,
  surroundings: Surroundings,
): Promise<readonly Attributes[]> {
  const whole = withFile(path, surroundings, (file, { size }) =>
    beginningOf(file, Math.min(size, limit)),
  );
  const reading = unlessAbsent(whole, undefined);
  const bytes = await explaining('read it', path, reading);
  return bytes === undefined ? [] : parse(path, bytes);
}

export function attributesDocument(key: Key, contents: readonly Attributes[]): Uint8Array {
  return Buffer.from(`${JSON.stringify({ key, contents }, undefined, 2)}\n`);
}

export function describedBy(key: Key, attributes: Attributes): ObjectInfo {
  const { size, version, contentType, cacheControl } = attributes;
  return { key, size, version, contentType, ...(cacheControl !== undefined && { cacheControl }) };
}

function parse(path: string, bytes: Uint8Array): readonly Attributes[] {
  try {
    const document: unknown = JSON.parse(Buffer.from(bytes).toString());
    const { contents } = document as { readonly contents: unknown };
    if (Array.isArray(contents) && contents.every(isAttributes)) return contents;
  } catch (cause) {
    throw damaged(path, cause);
  }
  throw damaged(path);
}

function isAttributes(value: unknown): value is Attributes {
  if (typeof value !== 'object' || value === null) return false;
  const { cacheControl = '', size, ...rest } = value as Record<string, unknown>;
  const texts = ['version', 'sha256', 'inode', 'modified', 'contentType'].map((name) => rest[name]);
  return [cacheControl, ...texts].every((each) => typeof each === 'string') && isSize(size);
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function damaged(path: string, cause?: unknown): ObjectStoreError {
  return new ObjectStoreError(
    'directory-failed',
    `${path}: is not what a store writes there; delete it, and then store the object that it names again, which has lost its content type`,
    cause === undefined ? {} : { cause },
  );
}
