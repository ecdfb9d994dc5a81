import { createHash } from 'node:crypto';

import {
  digestOf,
  manifestTypeOf,
  parseManifest,
  splitDigest,
  type Descriptor,
  type Digest,
  type ImageIndex,
  type ImageManifest,
} from '@teleport-plugins/oci';

import { parsed, Refusal } from './refusal.js';

/** A manifest or index, with what names it. */
export interface ManifestDocument {
  readonly descriptor: Descriptor;
  readonly content: ImageManifest | ImageIndex;
}

/**
 * Checks what a client pushes. `contentType` and `digest` are what the client says of it, if it does.
 * Throws `MANIFEST_INVALID` and `DIGEST_INVALID`.
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
  const mediaType = manifestTypeOf(bytes);
  if (mediaType === undefined) {
    throw new Refusal(
      400,
      'MANIFEST_INVALID',
      'this is no manifest or index of OCI or of Docker schema 2',
    );
  }
  // RFC 9110, section 8.3: the type of a Content-Type goes up to its parameters.
  const contentType = stated.contentType?.split(';')[0]?.trim();
  if (contentType !== undefined && contentType !== mediaType) {
    throw new Refusal(
      400,
      'MANIFEST_INVALID',
      `the manifest is ${mediaType}, but was sent as ${contentType}`,
    );
  }
  const descriptor = { mediaType, digest, size: bytes.length };
  const content = parsed(() => parseManifest(descriptor, bytes), 400, 'MANIFEST_INVALID');
  return { descriptor, content };
}
