import { shown } from '../shown.js';
import { both, coded, either, named, saying, type FailureRule } from './failure-rule.js';
import type { Deed } from './deed.js';

/** What goes wrong before AWS is asked for anything else: there are no credentials, or no good ones. */
export const signInRules: readonly FailureRule[] = [
  {
    fits: either(
      // The SDK's sentences for a token of the SSO cache that is not there, or has run out.
      both(saying(/\bSSO (?:session|token)/i), saying(/expired|invalid|not present|not found or/i)),
      saying(/^Token is expired/),
      saying(/Session token not found or invalid/),
    ),
    code: 'login-needed',
    what: 'the SSO session has expired, or there is none',
    next: (_, deed) => `run "aws sso login${option(deed)}" and try again`,
  },
  {
    fits: both(named('Forbidden'), saying(/^No access$/)),
    code: 'access-denied',
    what: 'IAM Identity Center does not let this user have that role of that account',
    next: 'check sso_account_id and sso_role_name of the profile, or request access',
  },
  {
    fits: saying(/\baws login\b/),
    code: 'login-needed',
    what: 'the login has expired, or there is none',
    next: (_, deed) => `run "aws login${option(deed)}" and try again`,
  },
  {
    fits: saying(/^Could not load credentials from any providers/),
    code: 'credentials-missing',
    what: 'there are none: no variables, no profile, no token file, no role of a container or an instance',
    next: 'run "aws sso login --profile NAME" and set AWS_PROFILE=NAME, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  },
  {
    // Not one that it points to.
    fits: ({ message }, { profile = '' }) =>
      message.startsWith(`Could not resolve credentials using profile: [${profile}]`),
    code: 'credentials-missing',
    what: 'there is no such profile, or nothing in it that gives any',
    next: (_, deed) =>
      `check it in ${configOf(deed)} and ${deed.files?.credentials ?? '~/.aws/credentials'}, or name another one with AWS_PROFILE`,
  },
  {
    fits: saying(/^Command failed/),
    code: 'credentials-unavailable',
    what: ({ message }) => `its credential_process fails (${shown(message)})`,
    next: (_, deed) => `run what ${configOf(deed)} has there to see why, and correct it`,
  },
  {
    fits: coded('ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM'),
    code: 'credentials-unavailable',
    what: ({ path = 'a file', code }) => `${path} cannot be read (${code})`,
    next: 'check AWS_WEB_IDENTITY_TOKEN_FILE, or web_identity_token_file of the profile',
  },
  {
    fits: named('CredentialsProviderError', 'TokenProviderError'),
    code: 'credentials-unavailable',
    what: ({ message }) => `they cannot be had (${shown(message)})`,
    next: (_, deed) => `correct that in ${configOf(deed)}`,
  },
  {
    // What the SDK trips over is a section or a key that another one points to.
    fits: both(named('TypeError'), ({ message }) => message.includes('Cannot read properties')),
    code: 'credentials-unavailable',
    what: 'the AWS configuration is not complete',
    next: (_, deed) =>
      `check it in ${configOf(deed)}, and what its sso_session and source_profile point to`,
  },
  {
    fits: saying(/^Region is missing/),
    code: 'region-missing',
    what: 'no region is set',
    next: 'set AWS_REGION, or a region in the profile',
  },
  {
    fits: both(withWebIdentity, named('ExpiredToken')),
    code: 'credentials-expired',
    what: 'the web identity token has expired',
    next: 'have CI issue a new one (AWS_WEB_IDENTITY_TOKEN_FILE)',
  },
  {
    fits: both(
      withWebIdentity,
      named('InvalidIdentityToken', 'IDPRejectedClaim', 'IDPCommunicationError'),
    ),
    code: 'credentials-invalid',
    what: ({ message }) => `the web identity token is not accepted (${shown(message)})`,
    next: 'check its issuer and audience against the identity provider in IAM',
  },
  {
    fits: both(withWebIdentity, named('AccessDenied')),
    code: 'access-denied',
    what: 'access denied',
    next: "the trust policy of the role must allow it to the token's audience (aud) and subject (sub)",
  },
];

function withWebIdentity(_: unknown, { action }: Deed): boolean {
  return action === 'sts:AssumeRoleWithWebIdentity';
}

function configOf({ files }: Deed): string {
  return files?.config ?? '~/.aws/config';
}

/** The SDK knows no profiles with names that a shell would not take as they are. */
function option({ profile }: Deed): string {
  return profile === undefined ? '' : ` --profile ${profile}`;
}
