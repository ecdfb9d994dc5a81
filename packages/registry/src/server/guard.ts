import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

import { Refusal } from './refusal.js';

/**
 * Keeps web pages out. A page may give its own host name the address 127.0.0.1 (DNS rebinding) and then
 * read what it likes: so names of others are refused. An address is not a name, and cannot be rebound.
 * A page may also send a request to a foreign address blindly: browsers say so in `Origin`, which no
 * registry client sends, and so nothing is written for one.
 */
export function guard(
  method: string,
  headers: IncomingHttpHeaders,
  allowedHosts: readonly string[],
): void {
  const host = hostName(headers.host ?? '');
  if (!isLocal(host) && !allowedHosts.includes(host)) {
    throw new Refusal(421, 'DENIED', `this registry does not serve the host "${host}"`);
  }
  if (headers.origin !== undefined && method !== 'GET' && method !== 'HEAD') {
    throw new Refusal(403, 'DENIED', 'nothing is written for web pages');
  }
}

/** `host[:port]` without the port, lower case; an IPv6 address without its brackets. */
function hostName(header: string): string {
  const [, address, name = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::[0-9]*)?$/.exec(header) ?? [];
  return (address ?? name).toLowerCase();
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isIP(host) !== 0;
}
