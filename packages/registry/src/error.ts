/** What can go wrong with a registry, or between repositories. */
export type RegistryErrorCode =
  /** 401: no credential, or one that the registry or its token server does not accept. */
  | 'unauthorized'
  /** 403: the credential is known, and may not do this. */
  | 'denied'
  /** There is no repository of that name. */
  | 'name-unknown'
  /** There is no such manifest or blob in the repository. */
  | 'not-found'
  /** The registry understood the request and refuses it. */
  | 'rejected'
  /** 429 (too many requests) for longer than is worth waiting. */
  | 'throttled'
  /** 5xx: the registry is there and does not work. */
  | 'unavailable'
  /** No connection, or one that broke. */
  | 'unreachable'
  /** Neither an answer nor an error within the time allowed. */
  | 'timeout'
  /** No trusted encrypted connection. */
  | 'tls'
  /** An answer that the protocol does not know. */
  | 'garbage'
  /** The registry points to an address where this client does not go. */
  | 'unsafe-address'
  /** The registry was closed by `close()`. */
  | 'closed'
  /** A folder with no registry in it, asked to be served without making one. */
  | 'registry-missing'
  /** A folder that the embedded registry cannot keep its content in. */
  | 'directory-unusable'
  /** The embedded registry cannot listen there. */
  | 'port-unavailable'
  // copy: one side failed; the other side's part is in `cause`
  | 'source-failed'
  | 'destination-failed'
  /** An image too large, too deep or too wide to be one. */
  | 'graph-refused'
  /** What a copy wrote cannot be read again as it should be. */
  | 'copy-unverified'
  /** A tag names another digest, and may not move. */
  | 'tag-exists'
  /** A tag that may move was moved by somebody else at the same moment. */
  | 'tag-changed';

export interface RegistryErrorOptions extends ErrorOptions {
  /** The HTTP status that the registry, its token server or its storage answered with. */
  readonly status?: number | undefined;
  /** Whether the same request may succeed later. Default: false. */
  readonly transient?: boolean;
  /** How long the registry asks to wait before that, in milliseconds. */
  readonly retryAfter?: number | undefined;
}

/** The one error of this package: what, where and the next act in `message`, the original in `cause`. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: RegistryErrorCode;
  readonly status: number | undefined;
  readonly transient: boolean;
  readonly retryAfter: number | undefined;

  constructor(code: RegistryErrorCode, message: string, options: RegistryErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.status = options.status;
    this.transient = options.transient ?? false;
    this.retryAfter = options.retryAfter;
  }
}
