/** What every operation on a store accepts. */
export interface OperationOptions {
  readonly signal?: AbortSignal;
}

/**
 * Which bytes an object had when it was seen: an ETag, or what a directory uses in its place. Opaque, and
 * good for the store it came from only. Another version is another write; the same version is the same
 * bytes.
 */
export type Version = string & { readonly __brand: 'Version' };

/**
 * What a write may find at its key: nothing (`create`), anything (`overwrite`), or exactly this version
 * (`replace`).
 */
export type PutMode = 'create' | 'overwrite' | { readonly replace: Version };

/** Bytes that need not be in memory at once. A store may open them again, to repeat what failed. */
export interface StreamedBody {
  /** In bytes. A body of any other size is refused with `content-mismatch`, and not stored. */
  readonly size: number;
  /** In hex, when it is known beforehand: other bytes are refused with `content-mismatch`, and not stored. */
  readonly sha256?: string;
  open(): AsyncIterable<Uint8Array>;
}

export type Body = Uint8Array | StreamedBody;

export interface PutOptions extends OperationOptions {
  readonly mode: PutMode;
  readonly contentType: string;
  readonly cacheControl?: string;
}

export interface CopyOptions extends OperationOptions {
  readonly mode: PutMode;
  /** Default: that of the source; `application/octet-stream` when it has none. */
  readonly contentType?: string;
  /** Default: that of the source. */
  readonly cacheControl?: string;
  /**
   * In hex. The bytes are read, and proven to have it, before a copy of them is visible; else
   * `content-mismatch`. Without it a copy inside a server moves no byte through this process.
   */
  readonly sha256?: string;
}

export interface ObjectInfo {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  readonly version: Version;
  /** Absent where the store does not know it: in listings of S3, of files that others put into a directory. */
  readonly contentType?: string;
  readonly cacheControl?: string;
}

export interface StoredObject extends ObjectInfo {
  /**
   * The bytes of this version, each time from the beginning. The iteration throws `changed` when they
   * are no longer to be had; that cannot happen to objects of up to 1 MiB.
   */
  content(options?: OperationOptions): AsyncIterable<Uint8Array>;
  /** All bytes at once. Throws `content-too-large` beyond `limit` bytes. */
  bytes(limit: number, options?: OperationOptions): Promise<Uint8Array>;
}

/**
 * Objects under keys. Nothing is ever visible in part: a reader finds the object before a write or the
 * one after it. Every key must be one that `parseKey` accepts, else `key-invalid`.
 */
export interface ObjectStore {
  /** For people: `s3://bucket/prefix`, `file:path`. */
  readonly name: string;
  head(key: string, options?: OperationOptions): Promise<ObjectInfo | undefined>;
  get(key: string, options?: OperationOptions): Promise<StoredObject | undefined>;
  /**
   * Stores an object and returns its version. Throws `exists` (mode `create`) or `changed` (mode
   * `replace`) when the key holds what the mode does not allow; then, as with every error of a body,
   * nothing was written. One exception: when the answer to a write got lost, and somebody else wrote
   * before it was found out that the write had happened, that is `exists` or `changed` as well; who reads again
   * sees it in what the other one has built on it.
   */
  put(key: string, body: Body, options: PutOptions): Promise<Version>;
  /** Objects whose key begins with a text, in the order of their keys' UTF-8 bytes; any number of them. */
  list(prefix: string, options?: OperationOptions): AsyncIterable<ObjectInfo>;
  /**
   * Stores what another store, or this one, has under a key. Inside the server where it can, else through this process.
   * Throws `not-found` when the source is absent.
   */
  copy(
    from: { readonly store: ObjectStore; readonly key: string },
    key: string,
    options: CopyOptions,
  ): Promise<Version>;
  /** Removes an object; one that is absent is none already. */
  delete(key: string, options?: OperationOptions): Promise<void>;
  /**
   * Whether `create` and `replace` hold against other writers. Some S3 servers ignore the conditions, and
   * overwrite: an object that several writers share must not be kept there. Asks once, by writing a
   * throwaway key.
   */
  honoursConditions(options?: OperationOptions): Promise<boolean>;
}
