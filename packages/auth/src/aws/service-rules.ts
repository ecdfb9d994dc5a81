import { both, coded, either, named, saying, type FailureRule } from './failure-rule.js';
import type { SdkError } from './sdk-error.js';

/**
 * What AWS answers.
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html
 */
export const serviceRules: readonly FailureRule[] = [
  {
    fits: either(
      named('RequestExpired', 'RequestTimeTooSkewed', 'RequestInTheFuture'),
      both(
        named('SignatureDoesNotMatch', 'InvalidSignature'),
        saying(/Signature (?:expired|not yet current)/),
      ),
    ),
    code: 'clock-wrong',
    what: 'the clock of this machine is wrong by more than AWS accepts',
    next: 'set it (timedatectl, NTP) and try again',
  },
  {
    fits: named('ExpiredToken'),
    code: 'credentials-expired',
    what: 'the credentials have expired',
    next: (_, { profile }) =>
      profile === undefined
        ? 'get new ones (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) and try again'
        : `renew those of the profile "${profile}" and try again`,
  },
  {
    fits: named(
      'InvalidClientTokenId',
      'UnrecognizedClient',
      'SignatureDoesNotMatch',
      'InvalidSignature',
      'IncompleteSignature',
      'MissingAuthenticationToken',
    ),
    code: 'credentials-invalid',
    what: ({ name, server = 'AWS' }) => `${server} does not accept the credentials (${name})`,
    next: 'check that access key, secret key and session token are active and belong together',
  },
  {
    fits: saying(/^MultiFactorAuthentication failed/),
    code: 'mfa-refused',
    what: 'the code of the multi-factor device is refused',
    next: 'a code serves once, and for half a minute: try again with the next one',
  },
  {
    fits: named('AccessDenied'),
    code: 'access-denied',
    what: (error, { action }) => {
      const missing = missingAction(error);
      return missing === undefined || missing === action
        ? 'access denied'
        : `access denied, ${missing} is missing`;
    },
    next: (error, { action, grant }) =>
      error.message.includes('no session policy allows')
        ? 'the session policy of this step does not allow it (--print-policy shows it)'
        : (grant ?? `its policies must allow ${missingAction(error) ?? action}`),
  },
  {
    fits: named('PackedPolicyTooLarge'),
    code: 'policy-too-large',
    what: 'session policy and session tags together are larger than AWS takes',
    next: 'release fewer plugins in one step, or set fewer tags',
  },
  {
    fits: named('RepositoryNotFound'),
    code: 'repository-missing',
    what: 'there is no such repository',
    next: 'create it first',
  },
  {
    fits: named('LimitExceeded'),
    code: 'limit-reached',
    what: 'a quota of the account is used up',
    next: 'have it raised (Service Quotas)',
  },
  {
    fits: either(
      named('Throttling', 'TooManyRequests', 'SlowDown'),
      ({ status }) => status === 429,
    ),
    code: 'throttled',
    what: ({ attempts }) => `AWS throttles it${times(attempts)}`,
    next: (error) => `try again ${when(error)}, or with fewer at a time`,
  },
];

/** What goes wrong on the way. */
export const networkRules: readonly FailureRule[] = [
  {
    fits: coded('ENOTFOUND', 'EAI_AGAIN'),
    code: 'unreachable',
    what: ({ server = 'the endpoint' }) => `${server} has no address (DNS)`,
    next: 'check the network, the region and AWS_ENDPOINT_URL',
  },
  {
    fits: coded(
      'ECONNREFUSED',
      'ECONNRESET',
      'EPIPE',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'EADDRNOTAVAIL',
    ),
    code: 'unreachable',
    what: ({ server = 'the endpoint', code, attempts }) =>
      `${server} cannot be reached (${code})${times(attempts)}`,
    next: 'check the network, the proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL',
  },
  {
    fits: ({ code }) =>
      /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$)/.test(code),
    code: 'unreachable',
    what: ({ server = 'the endpoint', code }) =>
      `there is no trusted encrypted connection to ${server} (${code})`,
    next: 'if a private authority signed the certificate, make that one known (NODE_EXTRA_CA_CERTS)',
  },
  {
    fits: either(named('TimeoutError'), coded('ETIMEDOUT')),
    code: 'timeout',
    what: ({ server = 'the endpoint', attempts }) =>
      `no answer from ${server} in time${times(attempts)}`,
    next: 'check the network and try again',
  },
  {
    fits: ({ status }) => status === 407,
    code: 'unreachable',
    what: 'the proxy asks for a user and password',
    next: 'put them into HTTPS_PROXY',
  },
  {
    fits: ({ status = 0 }) => status >= 500,
    code: 'service-failed',
    what: ({ server = 'the service', status = 0, attempts }) =>
      `${server} answers ${status}${times(attempts)}`,
    next: (error) => `try again ${when(error)}, or see https://health.aws.amazon.com`,
  },
  {
    fits: ({ isUnreadable }) => isUnreadable,
    code: 'answer-invalid',
    what: ({ server }) =>
      `the answer${server === undefined ? '' : ` of ${server}`} is not one of AWS's`,
    next: 'see what answers at the endpoint (AWS_ENDPOINT_URL, proxies)',
  },
];

/** The one that AWS says is not allowed, which may be another one than what was asked for. */
function missingAction({ message }: SdkError): string | undefined {
  return /not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1];
}

function when({ retryAfter }: SdkError): string {
  return retryAfter === undefined ? 'later' : `in ${retryAfter} s`;
}

function times(attempts: number): string {
  return attempts === 1 ? '' : `, ${attempts} times`;
}
