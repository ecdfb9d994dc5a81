/** Who somebody is as long as AWS has not said it, where a profile has the credentials. */
export function holderOf(profile = 'default'): string {
  return `the profile "${profile}"`;
}

/**
 * The same for credentials that the SDK has found, wherever that was; `undefined` where it does not say.
 * https://github.com/aws/aws-sdk-js-v3/blob/main/packages/types/src/feature-ids.ts
 */
export function sourceOf(found: object, profile: string | undefined): string | undefined {
  const { $source = {} } = found as { readonly $source?: Readonly<Record<string, unknown>> };
  const marks = Object.keys($source);
  // A profile may hand on what it has from elsewhere, so that there are several.
  if (marks.some((mark) => mark.startsWith('CREDENTIALS_PROFILE'))) return holderOf(profile);
  return marks.map((mark) => sources[mark]).find((source) => source !== undefined);
}

const sources: Readonly<Record<string, string>> = {
  CREDENTIALS_ENV_VARS: 'the owner of AWS_ACCESS_KEY_ID',
  CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN: 'the bearer of AWS_WEB_IDENTITY_TOKEN_FILE',
  CREDENTIALS_HTTP: 'the role of this container',
  CREDENTIALS_IMDS: 'the role of this instance',
};
