import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

import type { Secret } from '@teleport-plugins/secrets';

import { type Answer, refusal } from './answer.js';

/** Who may post events: everybody, unless one of these is set; then all that are set must fit. */
export interface Authorization {
  /** The token of `Authorization: Bearer …`. */
  readonly token: Secret | undefined;
  /** Whether a certificate that the server's `client_ca_file` vouches for is needed. */
  readonly clientCertificate: boolean;
}

/** What to answer to a request that may not post events; `undefined` when it may. */
export function refuseUnauthorized(
  request: IncomingMessage,
  { token, clientCertificate }: Authorization,
): Answer | undefined {
  if (clientCertificate && !(request.socket instanceof TLSSocket && request.socket.authorized)) {
    return refusal(403, 'a client certificate is needed that the configured CA has signed');
  }
  if (token === undefined) return undefined;
  const [, given] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
  if (given !== undefined && sameText(given, token.reveal())) return undefined;
  const problem =
    given === undefined ? 'a bearer token is needed' : 'this token is not the right one';
  return refusal(401, problem, { 'www-authenticate': 'Bearer' });
}

/** Takes the same time wherever the texts differ, and whatever their lengths. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
