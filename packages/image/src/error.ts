/** What can be wrong with an image to build, with its base, or with the files it is made of. */
export type ImageErrorCode =
  | 'spec-invalid'
  | 'path-invalid'
  | 'user-root'
  | 'source-unreadable'
  | 'source-changed'
  | 'reference-unpinned'
  | 'base-invalid'
  | 'base-damaged'
  | 'platform-missing'
  | 'host-unsupported'
  | 'scratch-unwritable'
  | 'archive-invalid';

/** The one error of this package: what, where and the next act in `message`, the original in `cause`. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly code: ImageErrorCode;

  constructor(code: ImageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
