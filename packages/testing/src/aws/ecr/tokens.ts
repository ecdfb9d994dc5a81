import { randomBytes } from 'node:crypto';

import type { Principal } from '../principals.js';

/** What a registry knows of a token that was given out. */
interface RegistryToken {
  readonly principal: Principal;
  /** `undefined` for ECR Public. */
  readonly region: string | undefined;
  readonly expiresAt: Date;
}

export interface RegistryTokens {
  /** A new password for the user AWS, good for twelve hours. */
  issue(principal: Principal, region: string | undefined): { password: string; expiresAt: Date };
  find(password: string): RegistryToken | undefined;
  /** All so far run out now. */
  expire(): void;
}

export function registryTokens(now: () => Date, withColons: boolean): RegistryTokens {
  const issued = new Map<string, RegistryToken>();
  return {
    issue(principal, region) {
      const words = [randomBytes(300), randomBytes(30)].map((bytes) => bytes.toString('base64'));
      const password = words.join(withColons ? ':' : '');
      const expiresAt = new Date(now().getTime() + 12 * 3_600_000);
      issued.set(password, { principal, region, expiresAt });
      return { password, expiresAt };
    },
    find: (password) => issued.get(password),
    expire() {
      for (const [password, token] of issued) issued.set(password, { ...token, expiresAt: now() });
    },
  };
}
