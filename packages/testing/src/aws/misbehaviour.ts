import type { AwsService } from './calls.js';

/** What AWS does wrong, from now on. */
export interface Misbehaviour {
  /** Default: all. */
  readonly service?: AwsService;
  /** `AssumeRole`, `PutImage`; `Token` is the token endpoint of the public registry. Default: all. */
  readonly action?: string;
  readonly as: WrongAnswer;
  /** How many times. Default: until it is undone. */
  readonly times?: number;
  /** How many such requests are answered well before. Default: 0. */
  readonly after?: number;
  /** In seconds, for `throttled`. Default: none, as of AWS's APIs; 1 of the registries. */
  readonly retryAfter?: number;
}

/** `silence`: no answer until the emulator is closed. `dropped`: the connection ends without one. */
export type WrongAnswer =
  | 'access-denied'
  | 'expired-token'
  | 'throttled'
  | 'clock-skew'
  | 'html-503'
  | 'silence'
  | 'dropped';

export interface Misbehaviours {
  /** Adds a rule, the last of which counts; gives what undoes it. */
  add(rule: Misbehaviour): () => void;
  /** What to do wrong about a request, which counts as one of those times. */
  next(service: AwsService, action: string): Misbehaviour | undefined;
}

export function misbehaviours(): Misbehaviours {
  let rules: { rule: Misbehaviour; seen: number }[] = [];
  return {
    add(rule) {
      const entry = { rule, seen: 0 };
      rules = [entry, ...rules];
      return () => {
        rules = rules.filter((other) => other !== entry);
      };
    },
    next(service, action) {
      for (const entry of rules) {
        const { rule } = entry;
        if ((rule.service ?? service) !== service || (rule.action ?? action) !== action) continue;
        entry.seen += 1;
        const time = entry.seen - (rule.after ?? 0);
        if (time > 0 && time <= (rule.times ?? Infinity)) return rule;
      }
      return undefined;
    },
  };
}

/** What a load balancer says when nothing is behind it. */
export const html503 =
  '<html><head><title>503 Service Temporarily Unavailable</title></head>' +
  '<body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>';
