/** What can be wrong with OCI content or with a store of it. */
export type OciErrorCode =
  | 'digest-invalid'
  | 'descriptor-invalid'
  | 'platform-invalid'
  | 'reference-invalid'
  | 'manifest-invalid'
  | 'manifest-too-large'
  | 'content-too-large'
  | 'content-mismatch'
  | 'not-found'
  | 'tag-exists'
  | 'layout-invalid'
  | 'layout-locked'
  | 'layout-failed';

/** The one error of this package: what, where and the next act in `message`, the original in `cause`. */
export class OciError extends Error {
  override readonly name = 'OciError';
  readonly code: OciErrorCode;

  constructor(code: OciErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
