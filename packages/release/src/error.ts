/** What can be wrong with what is to be released, or with where to. */
export type ReleaseErrorCode =
  | 'file-missing'
  | 'file-unreadable'
  | 'json-invalid'
  | 'plugin-invalid'
  | 'plugin-clash'
  | 'config-invalid'
  | 'environment-unknown'
  | 'variable-missing'
  | 'variable-invalid'
  | 'version-invalid'
  | 'release-tag-invalid'
  | 'version-conflict'
  | 'protected'
  | 'receipt-invalid'
  | 'receipt-unwritable';

/** The one error of this package: what, where and the next act in `message`, the original in `cause`. */
export class ReleaseError extends Error {
  override readonly name = 'ReleaseError';
  readonly code: ReleaseErrorCode;

  constructor(code: ReleaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
