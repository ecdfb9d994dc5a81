import type { Content } from './content.js';
import type { Descriptor } from './descriptor.js';
import type { OperationOptions } from './operation.js';

export interface PushOptions extends OperationOptions {
  /**
   * The same content once more: a store that can repeat a push asks for it when the first one was
   * interrupted; others ignore it.
   */
  readonly reopen?: () => Content;
}

export interface TagOptions extends OperationOptions {
  /**
   * Refuse, with `tag-exists`, to move a tag that is on another manifest. Atomic in memory, in a
   * layout and in the embedded registry; other registries cannot, and ignore it.
   */
  readonly exclusive?: boolean;
}

/** Blobs (layers, configs), addressed by digest. */
export interface BlobStore {
  exists(blob: Descriptor, options?: OperationOptions): Promise<boolean>;
  /**
   * The bytes of a blob. The iteration throws `content-mismatch` at its end, instead of ending, when
   * they are not the `size` bytes with the `digest` of the descriptor.
   */
  fetch(blob: Descriptor, options?: OperationOptions): Content;
  /** Stores a blob. Throws `content-mismatch` and stores nothing when the content is not the descriptor's. */
  push(blob: Descriptor, content: Content, options?: PushOptions): Promise<void>;
  /**
   * Makes a blob of another repository of the same store available here without moving its bytes;
   * `false` when the store did not do so. Absent where the store cannot.
   * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#mounting-a-blob-from-another-repository
   */
  mount?(blob: Descriptor, fromRepository: string, options?: OperationOptions): Promise<boolean>;
}

/** Manifests and indexes, addressed by digest and labelled by tags. */
export interface ManifestStore {
  /** The manifest that a tag or digest names; `undefined` when there is none. */
  resolve(reference: string, options?: OperationOptions): Promise<Descriptor | undefined>;
  /** The exact bytes of a manifest, verified against the descriptor. Throws `not-found` when absent. */
  fetch(manifest: Descriptor, options?: OperationOptions): Promise<Uint8Array>;
  /** Stores the exact bytes under their digest, without a tag. */
  push(manifest: Descriptor, bytes: Uint8Array, options?: OperationOptions): Promise<void>;
  /**
   * Points a tag at a stored manifest, moving it if it exists: callers decide whether it may move.
   * Throws `not-found` when the manifest is not there.
   */
  tag(manifest: Descriptor, tag: string, options?: TagOptions): Promise<void>;
  /** All tags, in lexical order. */
  tags(options?: OperationOptions): AsyncIterable<string>;
  /**
   * Descriptors of the manifests whose `subject` is this one (signatures, SBOMs, attestations).
   * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-referrers
   */
  referrers(manifest: Descriptor, options?: OperationOptions): AsyncIterable<Descriptor>;
}

/**
 * Where images are: a remote registry's repository, an image layout on disk, or memory. Code that
 * moves images does not know which.
 */
export interface Repository {
  /** For people: `host/name` of a remote one, the folder of a layout. */
  readonly name: string;
  readonly blobs: BlobStore;
  readonly manifests: ManifestStore;
}
