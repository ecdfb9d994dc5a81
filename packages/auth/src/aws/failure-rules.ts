import type { AuthErrorCode } from '../error.js';
import { shown } from '../shown.js';
import type { Deed } from './failure.js';
import type { SdkError } from './sdk-error.js';

export interface Rule {
  readonly code: AuthErrorCode;
  /** Why it failed. */
  readonly what: string;
  /** What to do about it. */
  readonly next: string;
}

/** The first rule of the table that fits. */
export function ruleFor(error: SdkError, deed: Deed): Rule {
  for (const [fits, rule] of rules) {
    if (fits(error, deed)) return rule(error, deed);
  }
  return refused(error);
}

type Fits = (error: SdkError, deed: Deed) => boolean;
type Rules = readonly (readonly [Fits, (error: SdkError, deed: Deed) => Rule])[];

const named =
  (...names: readonly string[]): Fits =>
  ({ name }) =>
    names.includes(name);
const saying =
  (pattern: RegExp): Fits =>
  ({ message }) =>
    pattern.test(message);
const coded =
  (...codes: readonly string[]): Fits =>
  ({ code }) =>
    codes.includes(code);
const either =
  (...all: readonly Fits[]): Fits =>
  (error, deed) =>
    all.some((fits) => fits(error, deed));
const both =
  (...all: readonly Fits[]): Fits =>
  (error, deed) =>
    all.every((fits) => fits(error, deed));
const withWebIdentity: Fits = (_, { action }) => action === 'sts:AssumeRoleWithWebIdentity';

/**
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html
 * The same fault has another name in the query protocol (STS) than in the JSON protocols (ECR).
 */
const rules: Rules = [
  [
    both(
      saying(/\bSSO\b/i),
      saying(
        /expired|not found or is invalid|session associated .* is invalid|not present|Unauthorized/i,
      ),
    ),
    (_, { profile }) => {
      const login = `aws sso login${profile ? ` --profile ${profile}` : ''}`;
      return rule(
        'login-needed',
        'the SSO session has expired or there is none',
        `run "${login}" and try again`,
      );
    },
  ],
  [
    saying(/UnauthorizedException|\bSession token not found or invalid/i),
    (_, { profile }) => {
      const login = `aws sso login${profile ? ` --profile ${profile}` : ''}`;
      return rule(
        'login-needed',
        'the SSO session has expired or there is none',
        `run "${login}" and try again`,
      );
    },
  ],
  [
    saying(/\baws login\b/),
    (_, { profile }) =>
      rule(
        'login-needed',
        'the login has expired or there is none',
        `run "aws login${profile ? ` --profile ${profile}` : ''}" and try again`,
      ),
  ],
  [
    saying(/Could not load credentials from any providers/),
    (_, { profile }) =>
      rule(
        'credentials-missing',
        profile ? `the profile "${profile}" gives none` : 'there are none',
        profile
          ? 'check the profile in ~/.aws/config, or name another one with AWS_PROFILE'
          : 'log in with "aws sso login --profile …" and set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      ),
  ],
  [
    saying(/^Region is missing/),
    () => rule('region-missing', 'no region is set', 'set AWS_REGION, or a region in the profile'),
  ],
  [
    either(
      named('RequestExpired', 'RequestTimeTooSkewed', 'RequestInTheFuture'),
      both(
        named('SignatureDoesNotMatch', 'InvalidSignatureException'),
        saying(/Signature (?:expired|not yet current)/),
      ),
    ),
    () =>
      rule(
        'clock-wrong',
        'the clock of this machine is wrong by more than AWS accepts',
        'set it (timedatectl, NTP) and try again',
      ),
  ],
  [
    both(withWebIdentity, named('ExpiredTokenException', 'ExpiredToken')),
    () =>
      rule(
        'credentials-expired',
        'the web identity token has expired',
        'have a new one issued and try again',
      ),
  ],
  [
    both(
      withWebIdentity,
      named(
        'InvalidIdentityToken',
        'InvalidIdentityTokenException',
        'IDPRejectedClaim',
        'IDPRejectedClaimException',
      ),
    ),
    ({ message }) =>
      rule(
        'credentials-invalid',
        `the web identity token is not accepted (${shown(message)})`,
        'check its issuer and audience against the identity provider in IAM and the trust policy of the role',
      ),
  ],
  [
    named('ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'),
    (_, { profile }) =>
      rule(
        'credentials-expired',
        'the credentials have expired',
        profile
          ? `renew those of the profile "${profile}" and try again`
          : 'set new ones (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) and try again',
      ),
  ],
  [
    named(
      'InvalidClientTokenId',
      'UnrecognizedClientException',
      'SignatureDoesNotMatch',
      'InvalidSignatureException',
      'IncompleteSignature',
      'MissingAuthenticationToken',
    ),
    () =>
      rule(
        'credentials-invalid',
        'AWS does not accept the credentials',
        'check that access key, secret key and session token belong together and are still active',
      ),
  ],
  [
    saying(/MultiFactorAuthentication failed/),
    () =>
      rule(
        'mfa-refused',
        'the code of the multi-factor device is refused',
        'a code serves once and half a minute: wait for the next one and try again',
      ),
  ],
  [
    named('AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'),
    ({ message }, { action, grant }) => {
      const [, missing = action] = /not authorized to perform: ([\w-]+:\w+)/.exec(message) ?? [];
      const bySession = message.includes('no session policy allows');
      const what = missing === action ? 'access denied' : `access denied, ${missing} is missing`;
      if (bySession) {
        return rule(
          'access-denied',
          what,
          'the session policy of this step leaves it out (see --print-policy)',
        );
      }
      return rule('access-denied', what, grant ?? `a policy of the role must allow ${missing}`);
    },
  ],
  [
    named('PackedPolicyTooLarge', 'PackedPolicyTooLargeException'),
    () =>
      rule(
        'policy-too-large',
        'session policy and session tags are too large together',
        'release fewer plugins in one step, or set fewer tags',
      ),
  ],
  [
    named('RepositoryNotFoundException'),
    (_, { grant }) =>
      rule('repository-missing', 'there is no such repository', grant ?? 'create it first'),
  ],
  [
    named('LimitExceededException'),
    () =>
      rule(
        'limit-reached',
        'a quota of the account is used up',
        'have it raised (AWS Service Quotas)',
      ),
  ],
  [
    either(
      named(
        'Throttling',
        'ThrottlingException',
        'TooManyRequestsException',
        'RequestLimitExceeded',
        'SlowDown',
      ),
      ({ status }) => status === 429,
    ),
    ({ attempts }) =>
      rule('throttled', `throttled ${attempts} times`, 'fewer at a time, or try again later'),
  ],
  [
    either(({ name }) => name === 'TimeoutError', coded('ETIMEDOUT')),
    ({ attempts }) =>
      rule('timeout', `no answer in time, ${attempts} times`, 'check the network and try again'),
  ],
  [
    coded('ENOTFOUND', 'EAI_AGAIN'),
    ({ server }) =>
      rule(
        'unreachable',
        `${server ?? 'the endpoint'} has no address (DNS)`,
        'check the network, the region and AWS_ENDPOINT_URL',
      ),
  ],
  [
    coded('ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'),
    ({ server, code }) =>
      rule(
        'unreachable',
        `${server ?? 'the endpoint'} cannot be reached (${code})`,
        'check the network, the proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL',
      ),
  ],
  [
    ({ code }) =>
      /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$)/.test(code),
    ({ code }) =>
      rule(
        'unreachable',
        `no trusted encrypted connection (${code})`,
        'if a private authority signed the certificate, make that one known (NODE_EXTRA_CA_CERTS)',
      ),
  ],
  [
    ({ status = 0 }) => status >= 500,
    ({ status = 0, attempts }) =>
      rule(
        'service-failed',
        `the service answered ${status}, ${attempts} times`,
        'try again later, or see https://health.aws.amazon.com',
      ),
  ],
  [
    either(named('SyntaxError'), saying(/Deserialization error/)),
    () =>
      rule(
        'answer-invalid',
        "the answer is not one of AWS's",
        'see what answers at the endpoint (AWS_ENDPOINT_URL, proxies)',
      ),
  ],
];

function rule(code: AuthErrorCode, what: string, next: string): Rule {
  return { code, what, next };
}

function refused({ name, message }: SdkError): Rule {
  return rule(
    'request-refused',
    `AWS refuses it (${name}: ${shown(message)})`,
    'correct that and try again',
  );
}
