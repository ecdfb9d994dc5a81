import type { S3Call } from './routes.js';
import type { S3World } from './world.js';

/** A key with what it has; or what several keys share up to the delimiter, without anything. */
export type Entry<Content> = readonly [name: string, content: Content | undefined];

/** What a listing by a prefix and a delimiter is of, in its order. */
export function entriesOf<Content>(
  all: ReadonlyMap<string, Content>,
  prefix: string,
  delimiter: string,
): readonly Entry<Content>[] {
  const entries = new Map<string, Content | undefined>();
  for (const [key, content] of all) {
    if (!key.startsWith(prefix)) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (end === -1) entries.set(key, content);
    else entries.set(key.slice(0, end + delimiter.length), undefined);
  }
  return [...entries].sort(([a], [b]) => compareKeys(a, b));
}

/** Keys are in the order of their bytes. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export function pageLimit({ options: { pageSize = 1000 } }: S3World, { query }: S3Call): number {
  return Math.min(pageSize, Number(query.get('max-keys') ?? pageSize));
}

/** How keys are written in the answer: with `encoding-type=url` so that XML can hold all of them. */
export function writtenIn({ query }: S3Call): (key: string) => string {
  return query.get('encoding-type') === 'url' ? encoded : (key) => key;
}

/** As S3 does: a space is a plus sign, and a slash stays. */
function encoded(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
}
