import { isLoopback } from './address.js';
import { failed, type Task } from './task.js';

/** Circumstances of a request that failed without an answer. */
export interface Circumstances {
  readonly task: Task;
  readonly url: URL;
  /** Whether this origin has ever answered. */
  readonly hasAnswered: boolean;
}

/** What to throw for an error of the network or of the HTTP client. */
export function networkError(cause: unknown, { task, url, hasAnswered }: Circumstances): Error {
  const code = codeOf(cause);

  const timeout = timeouts.get(code);
  if (timeout !== undefined) {
    return failed('timeout', task, url, timeout, 'try again, or see whether it is overloaded', {
      cause,
      transient: true,
    });
  }
  if (/^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$)/.test(code)) {
    const next = /^(?:EPROTO|ERR_SSL_)/.test(code)
      ? 'it may speak plain http'
      : 'if a private authority signed its certificate, make that one known (NODE_EXTRA_CA_CERTS)';
    const why = firstLine(cause);
    return failed('tls', task, url, `has no trusted encrypted connection (${why})`, next, {
      cause,
    });
  }
  if (isNotHttp(cause) || code === 'UND_ERR_HEADERS_OVERFLOW') {
    const what = `answered with something that is not HTTP (${firstLine(cause)})`;
    // Not kept as cause: it holds what came, which may be a token.
    return failed('garbage', task, url, what, 'check the address');
  }
  if (code === 'ENOTFOUND') {
    return failed('unreachable', task, url, 'has no address (DNS)', 'check the name', { cause });
  }
  const connecting = refusals.get(code);
  if (connecting !== undefined) {
    // A server of this machine that was never there is not being restarted either: no use in waiting.
    const mayCome = hasAnswered || !isLoopback(url.hostname);
    const next = 'check the address and that it is running';
    return failed('unreachable', task, url, connecting, next, { cause, transient: mayCome });
  }
  if (code === 'UND_ERR_ABORTED') {
    // Of the proxy: aborts of the caller do not come here.
    const what = `could not be reached through the proxy (${firstLine(cause)})`;
    return failed('unreachable', task, url, what, 'check the proxy', { cause });
  }
  const what = `broke the connection (${firstLine(cause)})`;
  return failed('unreachable', task, url, what, 'try again', {
    cause: isParserError(cause) ? undefined : cause,
    transient: true,
  });
}

const timeouts: ReadonlyMap<string, string> = new Map([
  ['UND_ERR_CONNECT_TIMEOUT', 'did not accept a connection in time'],
  ['ETIMEDOUT', 'did not accept a connection in time'],
  ['UND_ERR_HEADERS_TIMEOUT', 'did not answer in time'],
  ['UND_ERR_BODY_TIMEOUT', 'stopped in the middle of an answer'],
]);

const refusals: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'refused the connection'],
  ['EHOSTUNREACH', 'is not reachable'],
  ['ENETUNREACH', 'is not reachable'],
  ['EADDRNOTAVAIL', 'is not reachable'],
  ['EAI_AGAIN', 'could not be looked up (DNS)'],
]);

function isParserError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'HTTPParserError';
}

/** What ends too early was HTTP until then: a broken connection. */
function isNotHttp(error: unknown): boolean {
  return isParserError(error) && !/\bEOF\b/.test(error.message);
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /^[^\n]*/.exec(text.trim())?.[0] ?? '';
}
