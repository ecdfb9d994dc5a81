/** What can go wrong on the way to a credential. */
export type AuthErrorCode =
  /** The file is there and cannot be read. */
  | 'config-unreadable'
  /** The file is not what docker or podman write. */
  | 'config-invalid'
  /** A credential helper that the configuration names is not on the PATH. */
  | 'helper-missing'
  /** A credential helper could not be started, or says that it failed. */
  | 'helper-failed'
  /** A credential helper did not answer in the time allowed. */
  | 'helper-timeout'
  /** A credential helper's answer is not one of its protocol. */
  | 'helper-answer-invalid';

/**
 * The one error of this package: what, where and the next act in `message`, the original in `cause`.
 * Neither holds a secret: what a configuration or a helper says is not quoted.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly code: AuthErrorCode;

  constructor(code: AuthErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
