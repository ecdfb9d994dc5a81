import { createHash } from 'node:crypto';

import {
  digestOf,
  isManifestType,
  mediaType,
  parseManifest,
  splitDigest,
  type Descriptor,
  type Digest,
  type ImageIndex,
  type ImageManifest,
} from '@teleport-plugins/oci';

import { parsed, Refusal } from './refusal.js';

/** A manifest or index as it was pushed. */
export interface ManifestDocument {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly content: ImageManifest | ImageIndex;
}

/**
 * Checks what a client pushes. `contentType` and `digest` are what the client says of it, if it does.
 * Throws `MANIFEST_INVALID`, `DIGEST_INVALID`, and `SIZE_INVALID` for more than 4 MiB.
 */
export function checkManifest(
  bytes: Uint8Array,
  stated: { readonly contentType?: string | undefined; readonly digest?: Digest | undefined },
): ManifestDocument {
  const digest = stated.digest ?? digestOf(bytes);
  const { algorithm } = splitDigest(digest);
  const found = createHash(algorithm).update(bytes).digest('hex');
  if (digest !== `${algorithm}:${found}`) {
    throw new Refusal(
      400,
      'DIGEST_INVALID',
      `the manifest sent has the digest ${algorithm}:${found}, not ${digest}`,
    );
  }
  const descriptor = { mediaType: manifestTypeOf(bytes), digest, size: bytes.length };
  // RFC 9110, section 8.3: the type of a Content-Type goes up to its parameters.
  const contentType = stated.contentType?.split(';')[0]?.trim();
  if (contentType !== undefined && contentType !== descriptor.mediaType) {
    throw new Refusal(
      400,
      'MANIFEST_INVALID',
      `the manifest is ${descriptor.mediaType}, but was sent as ${contentType}`,
    );
  }
  const content = parsed(() => parseManifest(descriptor, bytes), 400, 'MANIFEST_INVALID');
  return { descriptor, bytes, content };
}

/**
 * What type a manifest is: what it says, or what it looks like where it says nothing. It is stored
 * nowhere else, so that what is stored cannot contradict it.
 */
export function manifestTypeOf(bytes: Uint8Array): string {
  const document = parseJson(bytes);
  const type =
    'mediaType' in document
      ? document.mediaType
      : 'manifests' in document
        ? mediaType.ociIndex
        : mediaType.ociManifest;
  if (typeof type === 'string' && isManifestType(type)) return type;
  throw new Refusal(
    400,
    'MANIFEST_INVALID',
    `the manifest is of the type ${JSON.stringify(type)}; those of OCI and Docker schema 2 are accepted`,
  );
}

function parseJson(bytes: Uint8Array): object {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new Refusal(400, 'MANIFEST_INVALID', 'the manifest is not a JSON object');
}
