import { OciError } from '@teleport-plugins/oci';

import { failedWith } from './files.js';

/**
 * The codes of error bodies. Those of the last line go with a 5xx status, for which the specification
 * sets none. https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
 */
export type RefusalCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'STORAGE_FULL'
  | 'STORAGE_FAILED';

/** A request that is answered with an error. It is how one is answered, and never leaves the server. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: RefusalCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: RefusalCode,
    message: string,
    options: ErrorOptions & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message, options);
    this.status = status;
    this.code = code;
    this.headers = options.headers ?? {};
  }
}

/** What to answer for anything that was thrown while a request was served. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const cause = { cause: error };
  if (failedWith(error, 'ECONNRESET')) {
    const message = 'the client left before its request was whole';
    return new Refusal(400, 'SIZE_INVALID', message, { cause: error });
  }
  if (failedWith(error, 'ENOSPC', 'EDQUOT', 'EFBIG')) {
    const message =
      'the disk that holds the registry, a quota or a limit on the size of files is exhausted; make room and send the request again';
    return new Refusal(507, 'STORAGE_FULL', message, cause);
  }
  const what = error instanceof Error ? error.message : String(error);
  return new Refusal(500, 'STORAGE_FAILED', `the registry's folder failed: ${what}`, cause);
}

/** Runs a parser of packages/oci on what a client sent; what it throws becomes a refusal. */
export function parsed<T>(parse: () => T, status: number, code: RefusalCode): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    throw new Refusal(status, code, error.message, { cause: error });
  }
}
