/** Why a command stops before it has run a target. */
export type EmergencyErrorCode =
  /** The command line is not one of this command's. */
  | 'usage'
  /** No plugin of the workspace is called so, or has release tags like that. */
  | 'plugin-missing'
  /** The release tag is not in this repository. */
  | 'tag-missing'
  /** What the release tag holds is not this workspace. */
  | 'checkout-unusable';

/** The one error of this package: what, where and the next act in `message`, the original in `cause`. */
export class EmergencyError extends Error {
  override readonly name = 'EmergencyError';
  readonly code: EmergencyErrorCode;

  constructor(code: EmergencyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
