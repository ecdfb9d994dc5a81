import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a CI system says about a job. */
export interface IdentityClaims {
  /** `https://token.actions.githubusercontent.com`. */
  readonly iss: string;
  /** `sts.amazonaws.com`. */
  readonly aud: string;
  /** `repo:gravitational/teleport-plugins:environment:production`. */
  readonly sub: string;
  /** In seconds since 1970. */
  readonly exp: number;
}

/** Signs the tokens of jobs, and knows its own ones again. */
export interface IdentityProvider {
  token(claims: IdentityClaims): string;
  /** `undefined` for what is no token, `forged` for one of somebody else's. */
  claims(token: string): IdentityClaims | 'forged' | undefined;
}

export function identityProvider(): IdentityProvider {
  const key = randomBytes(32);
  const sign = (text: string) => createHmac('sha256', key).update(text).digest();
  return {
    token(claims) {
      const parts = [{ alg: 'HS256', typ: 'JWT' }, claims];
      const text = parts.map((part) => base64url(JSON.stringify(part))).join('.');
      return `${text}.${base64url(sign(text))}`;
    },
    claims(token) {
      const [, text, payload, signature] = /^([\w-]+\.([\w-]+))\.([\w-]+)$/.exec(token) ?? [];
      // `$` also fits before a line break at the end, which is no part of a token.
      if (token.endsWith('\n') || text === undefined || payload === undefined) return undefined;
      const given = Buffer.from(signature ?? '', 'base64url');
      const expected = sign(text);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'forged';
      return JSON.parse(Buffer.from(payload, 'base64url').toString()) as IdentityClaims;
    },
  };
}

function base64url(content: string | Uint8Array): string {
  return Buffer.from(content).toString('base64url');
}
