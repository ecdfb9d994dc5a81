import type { IncomingHttpHeaders } from 'node:http';

import { parseDigest, type Content, type Digest } from '@teleport-plugins/oci';

import type { Answer } from './answer.js';
import { parsed } from './refusal.js';
import type { Store } from './store.js';

/** A request whose address was understood. */
export interface RegistryRequest {
  readonly method: string;
  /** A parsed name; empty where the address has none. */
  readonly repository: string;
  /** The last part of the address, as it came: a digest, a tag, an upload. */
  readonly reference: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Read at most once. */
  readonly body: Content;
}

export type Handler = (store: Store, request: RegistryRequest) => Promise<Answer>;

export function digestIn(text: string): Digest {
  return parsed(() => parseDigest(text), 400, 'DIGEST_INVALID');
}

/** Whether a list of entity tags, or `*`, covers the content with this digest. */
export function matches(header: string, digest: Digest): boolean {
  return (
    header.trim() === '*' ||
    header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${digest}"`)
  );
}

/** What every answer about content says of it. */
export function contentHeaders(digest: Digest, contentType: string): Record<string, string> {
  return {
    'content-type': contentType,
    'docker-content-digest': digest,
    etag: `"${digest}"`,
  };
}
