import type { Content, OperationOptions } from '../content.js';
import { TerraformRegistryError } from '../error.js';
import type { RegistryReader, Served } from './reader.js';

/** What a client would refuse (`error`), or people should know (`warning`). */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** An address below the root of the registry. */
  readonly where: string;
  readonly what: string;
}

/** What is being checked, and what was found. */
export interface Check extends OperationOptions {
  readonly reader: RegistryReader;
  readonly findings: Finding[];
  /** The time of the clients. */
  readonly at: Date;
}

export function report(
  check: Check,
  where: string,
  what: string,
  severity: Finding['severity'] = 'error',
) {
  check.findings.push({ severity, where, what });
}

/** The value, or `undefined` when something is wrong with a document or a signature: then that is reported. */
export async function checked<T>(
  check: Check,
  where: string,
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TerraformRegistryError)) throw error;
    const said = error.message.startsWith(`${where}: `)
      ? error.message.slice(where.length + 2)
      : error.message;
    report(check, where, said);
    return undefined;
  }
}

/** What is served under a key or a URL of a document; reported when there is nothing. */
export async function served(check: Check, url: URL): Promise<Served | undefined> {
  const where = placeOf(check, url);
  const found = await checked(check, where, async () => {
    const answer = await check.reader.get(url, check.signal && { signal: check.signal });
    if (answer === undefined) throw new TerraformRegistryError('not-found', 'is not there');
    return answer;
  });
  return found;
}

/**
 * What JSON may be served as: Terraform reads the discovery only as what it is, and other documents whatever their
 * type.
 */
export type JsonType = 'required' | 'expected';

/** The bytes of a document, with a limit. */
export async function document(
  check: Check,
  url: URL,
  options: { readonly limit: number; readonly json?: JsonType },
): Promise<Uint8Array | undefined> {
  const answer = await served(check, url);
  if (answer === undefined) return undefined;
  const where = placeOf(check, url);
  const type = answer.contentType?.split(';')[0]?.trim().toLowerCase();
  if (options.json !== undefined && type !== undefined && type !== 'application/json') {
    if (options.json === 'required') {
      report(check, where, `is served as ${type}, and must be application/json`);
    } else {
      const others = 'and other tools than Terraform expect application/json';
      report(check, where, `is served as ${type}, ${others}`, 'warning');
    }
  }
  return checked(check, where, () => bytesOf(answer.content(), options.limit));
}

/** A key, or the whole address of what is elsewhere. */
export function placeOf({ reader }: Check, url: URL): string {
  return reader.isOwn(url) ? url.pathname.slice(1) : `${url.origin}${url.pathname}`;
}

async function bytesOf(content: Content, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of content) {
    size += piece.length;
    if (size > limit) {
      throw new TerraformRegistryError('document-invalid', `has more than ${limit} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
