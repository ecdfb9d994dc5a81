/** What can go wrong on the way to a credential. */
export type AuthErrorCode =
  /** The file is there and cannot be read. */
  | 'config-unreadable'
  /** The file is not what docker or podman write. */
  | 'config-invalid'
  /** The file or its folder cannot be written. */
  | 'config-unwritable'
  /** What the credential helper of this project was told about registries is not what was written. */
  | 'registrations-invalid'
  /** A credential helper that the configuration names is not on the PATH. */
  | 'helper-missing'
  /** A credential helper could not be started, or says that it failed. */
  | 'helper-failed'
  /** A credential helper did not answer in the time allowed. */
  | 'helper-timeout'
  /** A credential helper's answer is not one of its protocol. */
  | 'helper-answer-invalid'
  /** There are no AWS credentials: no variables, profile, token file, container or instance role. */
  | 'credentials-missing'
  /** There should be AWS credentials, and what has them does not give them. */
  | 'credentials-unavailable'
  /** The AWS credentials have run out. */
  | 'credentials-expired'
  /** AWS does not know the credentials, or they do not fit together. */
  | 'credentials-invalid'
  /** The login to AWS (SSO) has run out, or there was none. */
  | 'login-needed'
  /** A code of a multi-factor device is needed. */
  | 'mfa-needed'
  /** The code of a multi-factor device has been refused. */
  | 'mfa-refused'
  /** What should be the ARN of a role is not. */
  | 'role-invalid'
  /** The credentials are of another account than the environment's. */
  | 'account-wrong'
  /** Who asks is not allowed to do that. */
  | 'access-denied'
  /** What was asked for is not possible with these settings; AWS says why. */
  | 'request-refused'
  /** The session policy has more characters than AWS takes. */
  | 'policy-too-large'
  /** No region is set, and none can be told from a registry. */
  | 'region-missing'
  /** The clock of this machine is wrong by more than AWS accepts. */
  | 'clock-wrong'
  /** AWS cannot be reached. */
  | 'unreachable'
  /** AWS does not answer in time. */
  | 'timeout'
  /** AWS has asked to be called less often, again and again. */
  | 'throttled'
  /** AWS, or what stands before it, is out of order. */
  | 'service-failed'
  /** The answer is not one of the service's protocol. */
  | 'answer-invalid'
  /** There is no such repository. */
  | 'repository-missing'
  /** A quota of the account is used up. */
  | 'limit-reached';

/**
 * The one error of this package: what, where and the next act in `message`, the original in `cause`.
 * Neither holds a secret: what a configuration or a helper says is not quoted, and what AWS says is kept
 * as a copy without secrets.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly code: AuthErrorCode;

  constructor(code: AuthErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
