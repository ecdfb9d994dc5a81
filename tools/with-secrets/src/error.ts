/** Why with-secrets itself fails, and the command does not start. */
export type WithSecretsErrorCode =
  /** A command line that means nothing. */
  | 'command-line-invalid'
  /** Nothing is piped into it that could hold secrets. */
  | 'input-missing'
  /** `sops` did not decrypt the file. */
  | 'sops-failed'
  /** There is no folder for the socket on which later secrets arrive, and for pipes. */
  | 'folder-failed'
  /** What would end the command, should with-secrets be killed, does not run. */
  | 'watchdog-failed'
  /** The command is there, and cannot be run. */
  | 'command-not-executable'
  /** There is no such command. */
  | 'command-not-found';

/** The one error of this package: what, where and the next act in `message`, never a value. */
export class WithSecretsError extends Error {
  override readonly name = 'WithSecretsError';
  readonly code: WithSecretsErrorCode;

  constructor(code: WithSecretsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What `env`, `timeout` and `docker run` exit with when it is not the command that failed. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof WithSecretsError)) return 125;
  switch (error.code) {
    case 'command-not-found':
      return 127;
    case 'command-not-executable':
      return 126;
    case 'command-line-invalid':
    case 'input-missing':
    case 'sops-failed':
    case 'folder-failed':
    case 'watchdog-failed':
      return 125;
  }
}
