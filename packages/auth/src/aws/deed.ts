/** What was being done when something failed. */
export interface Deed {
  /** IAM's name for it: `sts:AssumeRole`. */
  readonly action: string;
  /** What it was done to: an ARN or a registry. */
  readonly resource?: string | undefined;
  /** Who did it: an ARN, when it is known; or the profile. */
  readonly caller?: string | undefined;
  /** What would make it allowed. Default: a policy for the action. */
  readonly grant?: string | undefined;
  /** The profile whose credentials were used. */
  readonly profile?: string | undefined;
  /** Where profiles are, for people. */
  readonly files?: { readonly config: string; readonly credentials: string };
}
