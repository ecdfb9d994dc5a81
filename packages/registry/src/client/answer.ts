import { OciError, readAll } from '@teleport-plugins/oci';
import type { Secret } from '@teleport-plugins/secrets';

import type { RegistryError, RegistryErrorCode } from '../error.js';
import { masked, withoutCredentials } from './masking.js';
import { parseRetryAfter } from './retry.js';
import { failed, isRegistry, type Task } from './task.js';
import type { HttpResponse } from './response.js';

/** What the body of an answer other than success says. */
export interface Complaint {
  /** https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes */
  readonly codes: readonly string[];
  /** One line, safe to print; empty when there is nothing to tell. */
  readonly text: string;
}

export interface RefusalOptions {
  /** What it is, unless it passes, where the caller knows better than the status does. */
  readonly code?: RegistryErrorCode | undefined;
  readonly next?: string | undefined;
  /** What the request held beside its Authorization: where the answer repeats it, it is masked. */
  readonly secret?: Secret | undefined;
}

export async function complaintOf(response: HttpResponse): Promise<Complaint> {
  return readComplaint(await response.excerpt(), sentFor(response));
}

/**
 * Whether it is that a credential, or the token made from it, has run out, in the words of ECR (403; also plain
 * text, of old) and ECR Public (400, "is invalid").
 */
export function isOfExpiry({ text }: Complaint): boolean {
  return /\bauthorization token (?:has expired|is invalid)\b/i.test(text);
}

/** What to throw for an answer that the caller has no use for. Reads its body. */
export async function refusal(
  task: Task,
  response: HttpResponse,
  options: RefusalOptions = {},
): Promise<RegistryError> {
  const { next, secret } = options;
  const { status } = response;
  const sent = sentFor(response, secret);
  const complaint = readComplaint(await response.excerpt(), sent);
  const text = complaint.text === '' ? redirection(response) : complaint.text;
  const said = text === '' ? '' : ` (${text})`;
  const { code, transient } = codeOf(status, complaint);
  const what = `answered ${status}${said}`;
  if (!transient) {
    const told = options.code ?? code;
    const act = isRegistry(task, response.url) ? nextAct(told, complaint) : undefined;
    return failed(told, task, response.url, what, next ?? act, { status });
  }
  const retryAfter = parseRetryAfter(response.header('retry-after'), response.header('date'));
  const wait = retryAfter === undefined ? 'later' : `in ${Math.ceil(retryAfter / 1000)} s`;
  const details = { status, transient, retryAfter };
  return failed(code, task, response.url, what, next ?? `try again ${wait}`, details);
}

/** The body of a successful answer, which must not be longer than `limit` bytes. */
export async function readBody(
  task: Task,
  response: HttpResponse,
  limit: number,
): Promise<Uint8Array> {
  try {
    return await readAll(response.body, { limit });
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause;
    const what = `answered with more than ${limit} bytes`;
    throw failed('garbage', task, response.url, what, undefined, { cause });
  }
}

/** The body of a successful answer, as a JSON object. */
export async function readJson(
  task: Task,
  response: HttpResponse,
  limit: number,
): Promise<Readonly<Record<string, unknown>>> {
  const text = Buffer.from(await readBody(task, response, limit)).toString();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return members(value);
  } catch {
    // Not kept as cause: it quotes the body, which may be a token.
  }
  throw failed('garbage', task, response.url, 'answered with something else than a JSON object');
}

/** Reads what an error's body says, in whatever form: it may be hostile, huge, HTML or nothing. */
export function readComplaint(body: string, sent: readonly Secret[] = []): Complaint {
  const text = body.trim();
  if (text === '') return { codes: [], text: '' };
  if (text.startsWith('<')) return { codes: [], text: 'with a web page' };
  try {
    return complaintIn(JSON.parse(text), sent);
  } catch {
    return { codes: [], text: printable(text, sent) };
  }
}

/**
 * Foreign text, as one line of bounded length without control characters, without what was sent to whoever
 * wrote it, and without what looks like a credential.
 */
export function printable(text: string, sent: readonly Secret[] = []): string {
  const line = withoutCredentials(
    masked(text, sent)
      .replace(/[\p{C}\p{Z}]+/gu, ' ')
      .trim(),
  );
  return line.length > longestText ? `${line.slice(0, longestText)}…` : line;
}

const longestText = 300;

/** What the one who answered was sent and must not appear in a message. */
function sentFor({ authorization }: HttpResponse, secret?: Secret): readonly Secret[] {
  return [authorization, secret].filter((sent) => sent !== undefined);
}

/** Where a redirect leads that was not followed: a path may repeat what was sent, in any form. */
function redirection(response: HttpResponse): string {
  const location = response.status < 400 ? response.header('location') : undefined;
  if (location === undefined || !URL.canParse(location, response.url.href)) return '';
  return `to ${printable(new URL(location, response.url).origin)}`;
}

/** What to do about it, where nothing better is known. */
function nextAct(code: RegistryErrorCode, complaint: Complaint): string | undefined {
  if (!isOfExpiry(complaint)) return nextActs[code];
  return 'log in again, or check what hands out the credential: it gives one that has run out';
}

const nextActs: Readonly<Partial<Record<RegistryErrorCode, string>>> = {
  unauthorized: 'log in, or check the credential',
  denied: 'log in, or check what the credential may do',
  'name-unknown': 'check its name, or create the repository first',
};

function codeOf(
  status: number,
  complaint: Complaint,
): { readonly code: RegistryErrorCode; readonly transient: boolean } {
  const lasting = (code: RegistryErrorCode) => ({ code, transient: false });
  const passing = (code: RegistryErrorCode) => ({ code, transient: true });
  const { codes } = complaint;
  if (status === 429 || codes.includes('TOOMANYREQUESTS')) return passing('throttled');
  if (status === 408) return passing('timeout');
  if ([500, 502, 503, 504].includes(status)) return passing('unavailable');
  if (status > 500) return lasting('unavailable');
  if (status < 400) return lasting('garbage');
  if (status === 401 || isOfExpiry(complaint)) return lasting('unauthorized');
  if (status === 403) return lasting('denied');
  if (codes.includes('NAME_UNKNOWN')) return lasting('name-unknown');
  return lasting(status === 404 ? 'not-found' : 'rejected');
}

/**
 * Errors of registries; of token servers (OAuth 2); of gateways before both.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
 */
function complaintIn(document: unknown, sent: readonly Secret[]): Complaint {
  const { errors, error, error_description, message, details } = members(document);
  const listed = Array.isArray(errors) ? errors.slice(0, 3).map(members) : [];
  const codes = listed.map(({ code }) => code).filter(isText);
  const sentences = listed.map((each) => [each.code, each.message].filter(isText).join(': '));
  const others = [error, error_description, message, details].filter(isText);
  return {
    codes,
    text: printable((listed.length > 0 ? sentences : others).filter(isText).join(', '), sent),
  };
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
