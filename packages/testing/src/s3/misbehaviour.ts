import type { S3Call } from './routes.js';
import { accessDenied, preconditionFailed, S3Fault } from './fault.js';

/** What S3 does wrong, from now on. */
export interface S3Misbehaviour {
  /** `PutObject`. Default: all. */
  readonly operation?: S3Call['operation'];
  /** Default: all. */
  readonly key?: string;
  /** How many times. Default: until it is undone. */
  readonly times?: number;
  /** How many such requests are answered well before. Default: 0. */
  readonly after?: number;
  /** Asked for each such request, which is answered well when it says no. Default: always yes. */
  readonly when?: () => boolean;
  /** Done when the request has come, before it has an effect. */
  readonly before?: () => Promise<unknown>;
  /** The request has its effect, and only the answer is wrong. Default: false. */
  readonly late?: boolean;
  readonly as: WrongAnswer;
}

/**
 * An error of S3's; `nothing`; or: the end of the connection in place of an answer (`dropped`) or in the
 * midst of one (`cut`), an answer that stops there (`stall`) or does not come (`silence`), a page of something
 * that is before S3 (`html`), an error in an answer of status 200 (`late error`).
 */
export type WrongAnswer =
  keyof typeof faults | 'nothing' | 'dropped' | 'cut' | 'stall' | 'silence' | 'html' | 'late error';

const faults = {
  'access denied': accessDenied,
  'internal error': () =>
    new S3Fault(500, 'InternalError', 'We encountered an internal error. Please try again.'),
  'slow down': () => new S3Fault(503, 'SlowDown', 'Please reduce your request rate.'),
  conflict: () =>
    new S3Fault(
      409,
      'ConditionalRequestConflict',
      'The conditional request cannot succeed due to a conflicting operation against this resource.',
    ),
  'precondition failed': preconditionFailed,
  'no such upload': () => new S3Fault(404, 'NoSuchUpload', 'The specified upload does not exist.'),
  'bad signature': () =>
    new S3Fault(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
    ),
  'expired token': () => new S3Fault(400, 'ExpiredToken', 'The provided token has expired.'),
  'clock skew': () =>
    new S3Fault(
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    ),
  moved: () =>
    new S3Fault(301, 'PermanentRedirect', 'The bucket must be addressed using another endpoint.', {
      'x-amz-bucket-region': 'eu-central-1',
    }),
  'not implemented': () =>
    new S3Fault(
      501,
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
    ),
} as const;

/** The error of S3's that a wrong answer is, if it is one. */
export function faultOf(as: WrongAnswer): S3Fault | undefined {
  return as in faults ? faults[as as keyof typeof faults]() : undefined;
}

export interface S3Misbehaviours {
  /** Adds a rule, the last of which counts; gives what undoes it. */
  add(rule: S3Misbehaviour): () => void;
  /** The rule for a request, which counts as one of its times. */
  next(call: S3Call): S3Misbehaviour | undefined;
}

export function s3Misbehaviours(): S3Misbehaviours {
  let rules: { readonly rule: S3Misbehaviour; seen: number }[] = [];
  return {
    add(rule) {
      const entry = { rule, seen: 0 };
      rules = [entry, ...rules];
      return () => {
        rules = rules.filter((other) => other !== entry);
      };
    },
    next({ operation, key }) {
      for (const entry of rules) {
        const { rule } = entry;
        if ((rule.operation ?? operation) !== operation || (rule.key ?? key) !== key) continue;
        if (rule.when?.() === false) continue;
        entry.seen += 1;
        const time = entry.seen - (rule.after ?? 0);
        if (time > 0 && time <= (rule.times ?? Infinity)) return rule;
      }
      return undefined;
    },
  };
}
