/** What can be wrong with a plugin's input, its state on disk, or a delivery. */
export type PluginErrorCode =
  | 'usage-invalid'
  | 'config-invalid'
  | 'event-invalid'
  | 'state-unusable'
  | 'listen-failed'
  /** The destination will never take this notification: it is given up at once. */
  | 'delivery-refused'
  /** It may take it later, by itself or when somebody repairs something: it is tried again. */
  | 'delivery-failed';

interface PluginErrorOptions extends ErrorOptions {
  /** For `delivery-failed`: how long the destination asked to be left alone, in milliseconds. */
  readonly retryAfter?: number;
}

/** The one error of this package: what, where and the next act in `message`, the original in `cause`. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  readonly code: PluginErrorCode;
  readonly retryAfter: number | undefined;

  constructor(code: PluginErrorCode, message: string, options?: PluginErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryAfter = options?.retryAfter;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
