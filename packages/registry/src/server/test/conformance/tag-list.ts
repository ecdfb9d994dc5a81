import { expect } from 'vitest';

import { image, pushImage, pushManifest } from '../content.js';
import { call } from '../http.js';
import { errorCode, type Check } from './check.js';

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags */
export function tagListTests(check: Check): void {
  check('a repository that is not there has no list', async ({ host, repository }) => {
    const reply = await call(host, 'GET', `/v2/${repository}/tags/list`);
    expect([reply.status, errorCode(reply)]).toEqual([404, 'NAME_UNKNOWN']);
  });

  check('all tags are listed', async ({ host, repository }) => {
    await pushTags(host, repository, ['one', 'two']);
    const reply = await call(host, 'GET', `/v2/${repository}/tags/list`);
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({ name: repository });
    expect((reply.json() as { tags: string[] }).tags.toSorted()).toEqual(['one', 'two']);
  });

  check(
    'tags are in order, and keep their letters',
    async ({ host, repository }) => {
      await pushTags(host, repository, ['b', 'B', 'a', '10', '9', '_', 'a.b', 'A-B']);
      const reply = await call(host, 'GET', `/v2/${repository}/tags/list`);
      const expected = ['10', '9', 'A-B', 'B', '_', 'a', 'a.b', 'b'];
      expect(reply.json()).toEqual({ name: repository, tags: expected });
    },
    'tag-order',
  );

  check(
    'tags come in pages, each with a link to the next',
    async ({ host, repository }) => {
      const tags = ['1', '2', '3', '4', '5'];
      await pushTags(host, repository, tags);
      const pages: unknown[] = [];
      let next: string | undefined = `/v2/${repository}/tags/list?n=2`;
      while (next !== undefined) {
        const reply = await call(host, 'GET', next);
        pages.push((reply.json() as { tags: unknown }).tags);
        const link = reply.headers.link as string | undefined;
        next = /^<([^>]*)>; rel="next"$/.exec(link ?? '')?.[1];
      }
      expect(pages).toEqual([['1', '2'], ['3', '4'], ['5']]);
    },
    'tag-paging',
  );

  check(
    'a page begins behind its last tag, there or not',
    async ({ host, repository }) => {
      await pushTags(host, repository, ['a', 'c', 'e']);
      for (const [query, expected] of [
        ['n=1&last=a', ['c']],
        ['n=5&last=b', ['c', 'e']],
        ['n=5&last=e', []],
      ] as const) {
        const reply = await call(host, 'GET', `/v2/${repository}/tags/list?${query}`);
        expect((reply.json() as { tags: unknown }).tags ?? []).toEqual(expected);
      }
    },
    'tag-paging',
  );

  check(
    'a page may hold nothing, begin without a length, and must have one that is a number',
    async ({ host, repository }) => {
      await pushTags(host, repository, ['a', 'b']);
      const list = (query: string) => call(host, 'GET', `/v2/${repository}/tags/list?${query}`);
      const none = await list('n=0');
      expect([none.json(), none.headers.link]).toEqual([{ name: repository, tags: [] }, undefined]);
      expect((await list('last=a')).json()).toEqual({ name: repository, tags: ['b'] });
      for (const wrong of ['n=-1', 'n=many', 'n=']) expect((await list(wrong)).status).toBe(400);
    },
    'tag-paging',
  );
}

async function pushTags(host: string, repository: string, tags: readonly string[]): Promise<void> {
  const pushed = image('tagged');
  await pushImage(host, repository, pushed);
  for (const tag of tags) await pushManifest(host, repository, pushed.manifest, tag);
}
