import { scan } from './header-scanner.js';
import { failed, type Task } from './task.js';
import type { HttpResponse } from './response.js';

/** Where in a list a page is: the query that it was asked for with, and how many pages came before. */
export interface PagePosition {
  readonly query: string;
  readonly before: number;
}

/** A million tags; a list that is longer does not end. */
const mostPages = 1000;

/**
 * The position of the next page of a list, as the answer's `Link` headers have it; `undefined` behind the
 * last page. Throws `garbage` when the list does not end.
 */
export function nextPage(
  task: Task,
  response: HttpResponse,
  { query, before }: PagePosition,
): PagePosition | undefined {
  const next = nextQuery(response.headers('link'));
  if (next === undefined) return undefined;
  if (next !== query && before + 1 < mostPages) return { query: next, before: before + 1 };
  throw failed('garbage', task, response.url, 'answered with a list that does not end');
}

/**
 * The query (with its `?`) of the next page of a list, from the answer's `Link` headers; `undefined` when
 * there is none. Only the query is taken: the page is asked for at the address that the list is at, so
 * a link that points elsewhere, by malice or from behind a proxy, leads nowhere else.
 * https://datatracker.ietf.org/doc/html/rfc8288#section-3
 */
export function nextQuery(headers: readonly string[]): string | undefined {
  for (const header of headers) {
    for (const { target, relations } of linksIn(header)) {
      const query = /\?[^#]*/.exec(target)?.[0];
      if (relations.includes('next') && query !== undefined) return query;
    }
  }
  return undefined;
}

function* linksIn(header: string): Generator<{ target: string; relations: readonly string[] }> {
  const scanner = scan(header);
  for (;;) {
    scanner.skip(' ,');
    if (!scanner.take('<')) return;
    const target = scanner.until('>');
    if (!scanner.take('>')) return;
    let relations: readonly string[] = [];
    scanner.skip(' ');
    while (scanner.take(';')) {
      scanner.skip(' ');
      const name = scanner.token();
      scanner.skip(' ');
      if (!scanner.take('=')) continue;
      scanner.skip(' ');
      const value = scanner.quotedString() ?? scanner.token() ?? '';
      if (name?.toLowerCase() === 'rel') relations = value.toLowerCase().split(/\s+/);
      scanner.skip(' ');
    }
    yield { target, relations };
  }
}
