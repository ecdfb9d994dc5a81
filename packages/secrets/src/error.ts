/** What can be wrong with secrets on their way to a program. */
export type SecretsErrorCode =
  /** There is no document: nothing was written, or nothing but blanks and comments. */
  | 'document-empty'
  /** The document is still encrypted. */
  | 'document-encrypted'
  /** The document is not of the shape that Drone's secrets have, or only a part of one. */
  | 'document-invalid'
  /** Secrets that are asked for by name are not there, or empty. */
  | 'names-missing'
  /** A secret has the name of a variable that decides which code is run. */
  | 'variable-refused'
  /** A variable is there already, with another value. */
  | 'variable-exists'
  /** A value cannot be that of a variable. */
  | 'value-invalid'
  /** A variable, or all of them, are more than a program can be started with. */
  | 'environment-too-large'
  /** Nobody has confirmed that a secret is masked from now on. */
  | 'announcement-failed';

/**
 * The one error of this package: what, where and the next act in `message`. It names secrets and never
 * quotes one; nor does its `cause`, which is absent where a foreign message might.
 */
export class SecretsError extends Error {
  override readonly name = 'SecretsError';
  readonly code: SecretsErrorCode;

  constructor(code: SecretsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
