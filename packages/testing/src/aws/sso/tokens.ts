import { randomBytes } from 'node:crypto';

/** Somebody who has signed in through IAM Identity Center. */
export interface SsoUser {
  /** `ann@example.com`: the name of their sessions. */
  readonly name: string;
  /** What they may take on: an account, and a role by the name of its permission set. */
  readonly roles: readonly SsoRole[];
}

export interface SsoRole {
  readonly account: string;
  /** `PowerUser`. */
  readonly name: string;
}

export interface SsoTokens {
  /** A new access token: what `aws sso login` leaves in the cache. */
  signIn(user: SsoUser, expiresAt: Date): string;
  find(token: string): { readonly user: SsoUser; readonly expiresAt: Date } | undefined;
}

export function ssoTokens(): SsoTokens {
  const signedIn = new Map<string, { readonly user: SsoUser; readonly expiresAt: Date }>();
  return {
    signIn(user, expiresAt) {
      const token = `aoaAAAAA${randomBytes(60).toString('base64url')}`;
      signedIn.set(token, { user, expiresAt });
      return token;
    },
    find: (token) => signedIn.get(token),
  };
}
