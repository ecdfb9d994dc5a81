import type { Authenticated } from './authentication.js';
import type { RestAnswer } from './cloudfront/operations.js';
import type { Protocol } from './fault.js';

/** What a request is for; nothing of it has been checked. */
export type ApiRequest = {
  /** Also of its signature. */
  readonly service: 'sts' | 'sso' | 'ecr' | 'ecr-public' | 'cloudfront';
  readonly action: string;
  /** Without what is secret. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly protocol: Protocol;
  /** How far a clock may be off, in minutes. */
  readonly tolerance: number;
} & (
  | { readonly isUnsigned: true; readonly perform: () => string }
  | {
      readonly isUnsigned?: false;
      /** Gives the body of the answer, or with it what else it is. */
      readonly perform: (caller: Authenticated) => string | Promise<string> | RestAnswer;
    }
);
