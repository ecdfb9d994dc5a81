import { parseTag, type OperationOptions } from '@teleport-plugins/oci';

import { readJson } from './answer.js';
import { nextPage, type PagePosition } from './link.js';
import type { Place } from './place.js';
import { failed } from './task.js';

/** Registries refuse to list more than this many at once (ECR). */
const pageSize = 1000;

/** Some list all tags on one page whatever they are asked. In bytes. */
const pageLimit = 32 * 1024 * 1024;

/**
 * All tags, in lexical order (not all registries list them so); none where there is no such repository. A
 * name that no reference could contain (ECR allows longer ones) is left out.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-tags
 */
export async function* listTags(place: Place, options: OperationOptions): AsyncGenerator<string> {
  const tags = new Set<string>();
  let position: PagePosition | undefined = { query: `?n=${pageSize}`, before: 0 };
  while (position !== undefined) {
    const page = await readPage(place, position, options);
    for (const tag of page.tags) if (isTag(tag)) tags.add(tag);
    position = page.next;
  }
  yield* [...tags].sort();
}

interface Page {
  readonly tags: readonly string[];
  readonly next: PagePosition | undefined;
}

async function readPage(
  { exchange, path, scopes, urls }: Place,
  position: PagePosition,
  { signal }: OperationOptions,
): Promise<Page> {
  const call = {
    act: `list the tags of ${path}`,
    method: 'GET',
    url: urls.tags(position.query),
    scopes: scopes.read,
    signal,
  } as const;
  return exchange.call(call, [200, 404], async (response, task) => {
    if (response.status === 404) return { tags: [], next: undefined };
    const { tags } = await readJson(task, response, pageLimit);
    // Go's null is an empty list.
    const list: unknown = tags ?? [];
    if (!isListOfText(list)) {
      throw failed('garbage', task, response.url, 'answered with something else than tags');
    }
    return { tags: list, next: nextPage(task, response, position) };
  });
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isTag(text: string): boolean {
  try {
    return parseTag(text) === text;
  } catch {
    return false;
  }
}
