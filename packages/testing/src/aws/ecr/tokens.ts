import { randomBytes } from 'node:crypto';

import type { Principal } from '../principals.js';

/** What a registry knows of a password or token that was given out. */
interface RegistryToken {
  /** Whose rights it carries; `undefined` for nobody's. */
  readonly principal: Principal | undefined;
  readonly audience: Audience;
  readonly expiresAt: Date;
}

/** Where it is good: in a region of ECR, or in ECR Public, as a password or as a bearer token. */
export type Audience = `ecr ${string}` | 'public password' | 'public bearer';

export interface RegistryTokens {
  /** For twelve hours, or as long as another. */
  issue(
    principal: Principal | undefined,
    audience: Audience,
    expiresAt?: Date,
  ): { readonly text: string; readonly expiresAt: Date };
  find(text: string): RegistryToken | undefined;
  /** All so far run out now. */
  expire(): void;
  /** All so far, as text. */
  readonly secrets: readonly string[];
}

export function registryTokens(now: () => Date, withColons: boolean): RegistryTokens {
  const issued = new Map<string, RegistryToken>();
  return {
    issue(principal, audience, expiresAt = new Date(now().getTime() + 12 * 3_600_000)) {
      const words = [randomBytes(300), randomBytes(30)].map((bytes) => bytes.toString('base64'));
      const text = words.join(withColons && audience !== 'public bearer' ? ':' : '');
      issued.set(text, { principal, audience, expiresAt });
      return { text, expiresAt };
    },
    find: (text) => issued.get(text),
    get secrets() {
      return [...issued.keys()];
    },
    expire() {
      for (const [text, token] of issued) issued.set(text, { ...token, expiresAt: now() });
    },
  };
}
