import { ObjectStoreError } from './error.js';
import { quoted } from './quoted.js';

/** The name of an object: what `parseKey` accepts. */
export type Key = string & { readonly __brand: 'Key' };

/** In bytes of UTF-8: the limit of S3. */
const longestKey = 1024;

/**
 * A key is segments between single slashes, none of them empty, `.` or `..`, at most 1024 bytes of UTF-8
 * without control characters and backslashes: what S3, a directory and the path of a URL can all keep as
 * it is. Throws `key-invalid`.
 */
export function parseKey(text: string): Key {
  const fault = faultOfText(text) ?? faultOfSegments(text.split('/'));
  if (fault !== undefined) throw keyInvalid('an object key', text, fault);
  return text as Key;
}

/**
 * The beginning of keys: empty, or a text with which a key can begin (`tag/v1` is that of `tag/v1/a` and
 * of `tag/v10`). Throws `key-invalid`.
 */
export function parsePrefix(text: string): string {
  if (text === '') return text;
  const fault = faultOfText(text) ?? faultOfSegments(text.split('/').slice(0, -1));
  if (fault !== undefined) throw keyInvalid('a prefix of object keys', text, fault);
  return text;
}

/** The order of S3, by bytes of UTF-8; that of JavaScript differs beyond U+FFFF. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function faultOfText(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (Buffer.byteLength(text) > longestKey) return `it is longer than ${longestKey} bytes`;
  if (/\p{Cs}/u.test(text)) return 'it is not Unicode text';
  if (/\p{Cc}/u.test(text)) return 'it has a control character';
  if (text.includes('\\')) return 'it has a backslash; segments are separated by "/"';
  return undefined;
}

function faultOfSegments(segments: readonly string[]): string | undefined {
  if (segments.includes('')) return 'it begins or ends with "/", or has two in a row';
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    return 'it has a segment "." or ".."';
  }
  return undefined;
}

function keyInvalid(what: string, text: string, fault: string): ObjectStoreError {
  return new ObjectStoreError('key-invalid', `${quoted(text)} is not ${what}: ${fault}`);
}
