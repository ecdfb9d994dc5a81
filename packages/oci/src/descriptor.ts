import { createHash } from 'node:crypto';

import { digestOf, parseDigest, splitDigest, type Digest } from './digest.js';
import { OciError } from './error.js';
import {
  arrayOf,
  fault,
  kindOf,
  objectOf,
  optionalMember,
  refuseCaseVariants,
  requiredMember,
  stringMapOf,
  stringOf,
  type Place,
} from './json.js';
import { readPlatform, type Platform } from './platform.js';
import { quoted } from './quoted.js';

/** Names content by type, digest and size. https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  /** Where a non-distributable layer is to be had; for people, nothing here fetches from them. */
  readonly urls?: readonly string[];
  readonly platform?: Platform;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The descriptor of bytes at hand, with their sha256. */
export function descriptorOf(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

/**
 * Reads a descriptor out of a parsed JSON document; `where` says which for the message of the
 * `descriptor-invalid` it throws. Unknown members are dropped. So is `data`, the content embedded in
 * its descriptor, after a check that it is that content: here content always comes from a store.
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  return readDescriptor(value, { where, code: 'descriptor-invalid' });
}

export function readDescriptor(value: unknown, place: Place): Descriptor {
  const object = objectOf(value, place);
  refuseCaseVariants(object, known, place);
  const urls = optionalMember(object, 'urls', arrayOf(stringOf), place);
  const platform = optionalMember(object, 'platform', readPlatform, place);
  const artifactType = optionalMember(object, 'artifactType', readMediaType, place);
  const annotations = optionalMember(object, 'annotations', stringMapOf, place);
  const descriptor: Descriptor = {
    mediaType: requiredMember(object, 'mediaType', readMediaType, place),
    digest: requiredMember(object, 'digest', readDigest, place),
    size: requiredMember(object, 'size', readSize, place),
    ...(urls && { urls }),
    ...(platform && { platform }),
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations && { annotations }),
  };
  const data = optionalMember(object, 'data', stringOf, place);
  if (data !== undefined) checkData(data, descriptor, place);
  return descriptor;
}

/** https://datatracker.ietf.org/doc/html/rfc6838#section-4.2 */
export function readMediaType(value: unknown, place: Place): string {
  const text = stringOf(value, place);
  if (/^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/[A-Za-z0-9][\w!#$&^.+-]{0,126}$/.test(text)) return text;
  throw fault(place, `${quoted(text)} is not a media type (type/subtype)`);
}

/** Throws `content-mismatch` unless the bytes are those that the descriptor names. */
export function checkBytes(
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  bytes: Uint8Array,
  where: string,
): void {
  const { algorithm, hex } = splitDigest(descriptor.digest);
  if (bytes.byteLength !== descriptor.size) {
    throw new OciError(
      'content-mismatch',
      `${where}: has ${bytes.byteLength} bytes where ${descriptor.size} were expected`,
    );
  }
  const found = createHash(algorithm).update(bytes).digest('hex');
  if (found !== hex) {
    throw new OciError('content-mismatch', `${where}: has the digest ${algorithm}:${found}`);
  }
}

const known = [
  'mediaType',
  'digest',
  'size',
  'urls',
  'annotations',
  'data',
  'platform',
  'artifactType',
];

function readDigest(value: unknown, place: Place): Digest {
  const text = stringOf(value, place);
  try {
    return parseDigest(text);
  } catch (cause) {
    throw fault(place, cause instanceof Error ? cause.message : quoted(text), cause);
  }
}

function readSize(value: unknown, place: Place): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
    return value === 0 ? 0 : value; // -0 is written 0
  }
  throw fault(place, `expected a whole number of bytes below 2^53, found ${kindOf(value)}`);
}

function checkData(data: string, descriptor: Descriptor, place: Place): void {
  const bytes = Buffer.from(data, 'base64');
  try {
    checkBytes(descriptor, bytes, 'data');
  } catch (cause) {
    throw fault(place, 'its data is not the content it names', cause);
  }
}
