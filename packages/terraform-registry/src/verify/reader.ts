import { failedWith, parseKey, type ObjectStore } from '@teleport-plugins/object-store';

import type { Content, OperationOptions } from '../content.js';
import { TerraformRegistryError } from '../error.js';

/** What a client gets for an address. */
export interface Served {
  /** Absent where nobody knows it: a folder of files that were put there by hand. */
  readonly contentType?: string;
  readonly size?: number;
  readonly content: () => Content;
}

/** A registry as its clients see it: addresses and what is served there. */
export interface RegistryReader {
  /** For people. */
  readonly name: string;
  /** The root of the host, which keys are relative to. */
  readonly root: URL;
  /** Whether an address is one of this registry: its path is a key then. */
  isOwn(url: URL): boolean;
  /** `undefined` for what is not there, and for addresses elsewhere. */
  get(url: URL, options?: OperationOptions): Promise<Served | undefined>;
}

/**
 * The objects of a store, as they would be served from the root of a host. Documents of other tools have the
 * address of their host in them: those of `hosts` lead to this store.
 */
export function storeReader(store: ObjectStore, hosts: readonly string[] = []): RegistryReader {
  const root = new URL('https://registry.invalid/');
  const origins = new Set([root.origin, ...hosts.map((host) => `https://${host}`)]);
  const isOwn = ({ origin }: URL) => origins.has(origin);
  return {
    name: store.name,
    root,
    isOwn,
    async get(url, options) {
      if (!isOwn(url) || url.search !== '') return undefined;
      const key = keyAt(url);
      const stored = key === undefined ? undefined : await store.get(key, options);
      if (stored === undefined) return undefined;
      const { contentType, size } = stored;
      const content = () => stored.content(options);
      return { ...(contentType !== undefined && { contentType }), size, content };
    },
  };
}

/** The key that is served at an address of one's own; `undefined` where none can be. */
export function keyAt({ pathname }: URL): string | undefined {
  try {
    return parseKey(decodeURIComponent(pathname.slice(1)));
  } catch (error) {
    if (error instanceof URIError || failedWith(error, 'key-invalid')) return undefined;
    throw error;
  }
}

/** What `urlReader` needs of the answers that `fetch` gives. */
export interface FetchedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: (AsyncIterable<unknown> & { cancel(): Promise<void> }) | null;
}

/** `fetch`, or what connects otherwise. */
export type Fetching = (
  url: URL,
  options: { readonly signal: AbortSignal | null },
) => Promise<FetchedResponse>;

/** A registry that is being served. */
export function urlReader(root: URL, fetching: Fetching = fetch): RegistryReader {
  return {
    name: root.origin,
    root,
    isOwn: ({ origin }) => origin === root.origin,
    async get(url, options) {
      const { signal = null } = options ?? {};
      let response: FetchedResponse;
      try {
        response = await fetching(url, { signal });
      } catch (cause) {
        options?.signal?.throwIfAborted();
        throw unreachable(url, `cannot be reached: ${reasonOf(cause)}`, cause);
      }
      const { status, headers, body } = response;
      if (status !== 200 || body === null) await body?.cancel();
      if (status === 404 || status === 410) return undefined;
      if (status === 403) {
        throw unreachable(
          url,
          'is answered with 403, which Terraform takes for a registry that needs a login; S3 does so for objects that are absent when listing is not allowed, and must be made to answer with 404',
        );
      }
      if (status !== 200 || body === null) throw unreachable(url, `is answered with ${status}`);
      const type = headers.get('content-type') ?? undefined;
      return {
        ...(type !== undefined && { contentType: type }),
        content: () => body as AsyncIterable<Uint8Array>,
      };
    },
  };
}

/** `fetch` hides why it failed. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown };
  return cause instanceof Error ? cause.message : String(cause);
}

function unreachable(url: URL, what: string, cause?: unknown): TerraformRegistryError {
  return new TerraformRegistryError(
    'verification-failed',
    `${url.origin}${url.pathname}: ${what}`,
    cause === undefined ? {} : { cause },
  );
}
