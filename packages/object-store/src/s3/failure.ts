import { ObjectStoreError, type ObjectStoreErrorCode } from '../error.js';
import { quoted } from '../quoted.js';
import { copyOf, readSdkError, type SdkError } from './sdk-error.js';

/** What a request is made for, as its errors tell it. */
export interface Task {
  /** `s3://bucket/key` */
  readonly where: string;
  /** Continues "cannot …": `read it`. */
  readonly act: string;
  /** What a policy has to allow: `s3:GetObject`. */
  readonly permission: string;
  readonly signal?: AbortSignal | undefined;
}

/** What to throw for an error of the SDK. One that is none, such as that of a credential provider, stays as it is. */
export function s3Failure(error: unknown, task: Task, secrets: ReadonlySet<string>): unknown {
  if (error instanceof ObjectStoreError) return error;
  const read = readSdkError(error, secrets);
  if (read === undefined) return error;
  const { code, what, next, transient = false } = ruleFor(read, task);
  return new ObjectStoreError(code, `${task.where}: cannot ${task.act}: ${what}; ${next}`, {
    cause: copyOf(read),
    transient,
  });
}

interface Rule {
  readonly code: ObjectStoreErrorCode;
  readonly what: string;
  readonly next: string;
  readonly transient?: boolean;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function ruleFor(error: SdkError, task: Task): Rule {
  const { status } = error;
  return byName(error) ?? (status === undefined ? ofNetwork(error) : byStatus(status, error, task));
}

function byName({ name, region }: SdkError): Rule | undefined {
  switch (name) {
    case 'NoSuchBucket':
      return rule(
        'store-missing',
        'there is no such bucket',
        'check its name, the endpoint and the region, or create it',
      );
    case 'NoSuchUpload':
      return rule(
        'changed',
        'its upload is gone: it was completed, and perhaps replaced since, or somebody aborted it',
        'read it again',
      );
    case 'ConditionalRequestConflict':
    case 'OperationAborted':
      return again('changed', 'others keep writing it at the same moment', 'run this again');
    case 'RequestTimeTooSkewed':
      // Once the SDK knows how far the clock is off, it makes up for it.
      return again(
        'unauthorized',
        'the clock of this machine is wrong by more than S3 accepts',
        'set it (timedatectl, NTP) and run this again',
      );
    case 'ExpiredToken':
    case 'TokenRefreshRequired':
      return rule(
        'unauthorized',
        'the credentials have expired',
        'get new ones and run this again',
      );
    case 'InvalidAccessKeyId':
    case 'InvalidToken':
    case 'SignatureDoesNotMatch':
      return rule(
        'unauthorized',
        'the credentials are not accepted',
        'check that access key, secret key and session token belong together and are still active',
      );
    case 'PermanentRedirect':
    case 'TemporaryRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return rule(
        'rejected',
        region === undefined ? 'the bucket is elsewhere' : `the bucket is in the region ${region}`,
        'set the region and the endpoint that it has',
      );
    case 'SlowDown':
    case 'Throttling':
    case 'ThrottlingException':
      return again('unavailable', 'S3 asks for fewer requests', 'run this again later');
    case 'RequestTimeout':
      return again(
        'timeout',
        'S3 waited in vain for the bytes',
        'check the network and run this again',
      );
    default:
      return undefined;
  }
}

function byStatus(status: number, { name, message }: SdkError, { permission }: Task): Rule {
  if (status === 404) return rule('not-found', 'it is not there', 'check the key');
  if (status === 412) return rule('changed', 'it is another version now', 'read it again');
  if (status === 401) return rule('unauthorized', 'the credentials are not accepted', 'check them');
  if (status === 403) {
    const reads = permission === 's3:GetObject';
    const next = reads
      ? `a policy must allow ${permission}; without s3:ListBucket on the bucket S3 answers this for a key that is absent, too`
      : `a policy must allow ${permission}`;
    // AWS says what is missing; others repeat the status.
    const saysNothing = /^(?:access denied\.?|unknownerror|forbidden)?$/i.test(message);
    return rule(
      'denied',
      saysNothing ? 'access denied' : `access denied (${quoted(message)})`,
      next,
    );
  }
  if (status === 429)
    return again('unavailable', 'S3 asks for fewer requests', 'run this again later');
  if (status >= 500 && status !== 501) {
    return again('unavailable', `the server answered ${status}`, 'run this again later');
  }
  const answer = `the server answered ${status} (${quoted(`${name}: ${message}`)})`;
  return rule(
    'rejected',
    answer,
    'correct that, and see that an S3 server answers at the endpoint',
  );
}

function ofNetwork({ name, code, message }: SdkError): Rule {
  if (/^(?:ECONN|EPIPE|EHOST|ENET|EAI_AGAIN|EADDRNOTAVAIL|ERR_STREAM)/.test(code)) {
    return again(
      'unreachable',
      `the connection failed (${code})`,
      'check the network and the endpoint, and run this again',
    );
  }
  if (code === 'ENOTFOUND') {
    return rule(
      'unreachable',
      'the host of the endpoint has no address',
      'check the endpoint and the region',
    );
  }
  if (name === 'TimeoutError' || code === 'ETIMEDOUT') {
    return again('timeout', 'no answer in time', 'check the network and run this again');
  }
  return rule(
    'unreachable',
    `no usable connection (${quoted(`${code || name}: ${message}`)})`,
    'check the endpoint and its certificate',
  );
}

function rule(code: ObjectStoreErrorCode, what: string, next: string): Rule {
  return { code, what, next };
}

function again(code: ObjectStoreErrorCode, what: string, next: string): Rule {
  return { code, what, next, transient: true };
}
