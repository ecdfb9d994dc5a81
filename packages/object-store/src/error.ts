/** What can go wrong with an object, or with a store of objects. */
export type ObjectStoreErrorCode =
  /** A text that is no key, no prefix, or not one that this store can keep. */
  | 'key-invalid'
  /** A directory cannot hold this key beside one that is there: `a` and `a/b`; `A` and `a` on some disks. */
  | 'key-clash'
  /** A name or setting with which no store can be opened. */
  | 'location-invalid'
  /** There is no bucket of that name. */
  | 'store-missing'
  /** What was to be copied is not there. */
  | 'not-found'
  /** Mode `create`: the key has an object already. Nothing was written. */
  | 'exists'
  /** Mode `replace`, or reading on: the object is no longer that version. Nothing was written. */
  | 'changed'
  /** A body, or a copy, that is not the bytes that it was said to be. */
  | 'content-mismatch'
  /** More bytes than the reader allows. */
  | 'content-too-large'
  /** A write to a store that was opened for reading. */
  | 'read-only'
  /** The server knows who asks, and does not allow it. */
  | 'denied'
  /** The server does not accept the credentials. */
  | 'unauthorized'
  /** The server understood the request and refuses it. */
  | 'rejected'
  /** The server is there and does not work, or asks for patience for longer than is worth waiting. */
  | 'unavailable'
  /** No connection, or one that broke. */
  | 'unreachable'
  /** Neither an answer nor an error within the time allowed. */
  | 'timeout'
  /** Another process has been writing to the directory for too long. */
  | 'locked'
  /** The file system refused. */
  | 'directory-failed';

export interface ObjectStoreErrorOptions extends ErrorOptions {
  /** Whether the same operation may succeed later. Default: false. */
  readonly transient?: boolean;
}

/** The one error of this package: what, where and the next act in `message`, the original in `cause`. */
export class ObjectStoreError extends Error {
  override readonly name = 'ObjectStoreError';
  readonly code: ObjectStoreErrorCode;
  readonly transient: boolean;

  constructor(code: ObjectStoreErrorCode, message: string, options: ObjectStoreErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.transient = options.transient ?? false;
  }
}

/** Whether something thrown is this package's error with one of these codes. */
export function failedWith(
  error: unknown,
  ...codes: readonly ObjectStoreErrorCode[]
): error is ObjectStoreError {
  return error instanceof ObjectStoreError && codes.includes(error.code);
}
