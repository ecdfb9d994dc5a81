import { type Digest, parseReference, type Reference } from '@teleport-plugins/oci';

import { accepted } from './accepted.js';

/** What a plugin's image is built on. */
export type BaseChoice =
  /** The Node runtime and the libraries of the machine that builds: for trying out, never for release. */
  { readonly kind: 'host' } | { readonly kind: 'image'; readonly reference: PinnedReference };

export type PinnedReference = Reference & { readonly digest: Digest };

export const baseExpected =
  '"host" or an image with its digest, such as "docker.io/library/node:22-slim@sha256:…"';

/** `undefined` when the text is neither `host` nor a reference with a digest. */
export function parseBase(text: string): BaseChoice | undefined {
  if (text === 'host') return { kind: 'host' };
  const reference = accepted(() => parseReference(text));
  const digest = reference?.digest;
  if (reference === undefined || digest === undefined) return undefined;
  return { kind: 'image', reference: { ...reference, digest } };
}
