import type { IncomingMessage, ServerResponse } from 'node:http';

import type { AwsService, Recording } from './calls.js';

/** What AWS does wrong, from now on. */
export interface Misbehaviour {
  /** Default: all that can do it; a registry says nothing of clocks. */
  readonly service?: AwsService;
  /** `AssumeRole`, `PutImage`; `Token` is the token endpoint of the public registry. Default: all. */
  readonly action?: string;
  readonly as: WrongFault | WrongAnswer;
  /** How many times. Default: until it is undone. */
  readonly times?: number;
  /** How many such requests are answered well before. Default: 0. */
  readonly after?: number;
  /** In seconds, for `throttled`. Default: none, as of AWS's APIs; 1 of the registries. */
  readonly retryAfter?: number;
}

/** An error in the words of the service. */
export type WrongFault = 'access-denied' | 'expired-token' | 'throttled' | 'clock-skew';

/**
 * Something that is no answer of the service: a page of a load balancer, nothing at all until the
 * emulator is closed, the end of the connection.
 */
export type WrongAnswer = 'html-503' | 'silence' | 'dropped';

export interface Misbehaviours {
  /** Adds a rule, the last of which counts; gives what undoes it. */
  add(rule: Misbehaviour): () => void;
  /**
   * What to do wrong about a request, which counts as one of those times; `answered` when that has
   * been done and the request is over.
   */
  next(
    request: IncomingMessage,
    response: ServerResponse,
    recording: Recording,
  ): (Misbehaviour & { readonly as: WrongFault }) | 'answered' | undefined;
}

export function misbehaviours(): Misbehaviours {
  let rules: { readonly rule: Misbehaviour; seen: number }[] = [];
  const ruleFor = (service: AwsService, action: string) => {
    for (const entry of rules) {
      const { rule } = entry;
      if ((rule.service ?? service) !== service || (rule.action ?? action) !== action) continue;
      if (rule.as === 'clock-skew' && ['registry', 'storage'].includes(service)) continue;
      entry.seen += 1;
      const time = entry.seen - (rule.after ?? 0);
      if (time > 0 && time <= (rule.times ?? Infinity)) return rule;
    }
    return undefined;
  };
  return {
    add(rule) {
      const entry = { rule, seen: 0 };
      rules = [entry, ...rules];
      return () => {
        rules = rules.filter((other) => other !== entry);
      };
    },
    next(request, response, recording) {
      const rule = ruleFor(recording.service, recording.action);
      if (rule === undefined) return undefined;
      const { as } = rule;
      switch (as) {
        case 'silence':
          return 'answered';
        case 'dropped':
          request.socket.destroy();
          return 'answered';
        case 'html-503':
          recording.outcome = '503';
          response.writeHead(503, { 'content-type': 'text/html' }).end(html503);
          request.resume();
          return 'answered';
        case 'access-denied':
        case 'expired-token':
        case 'throttled':
        case 'clock-skew':
          return { ...rule, as };
      }
    },
  };
}

/** What a load balancer says when nothing is behind it. */
const html503 =
  '<html><head><title>503 Service Temporarily Unavailable</title></head>' +
  '<body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>';
