import { expect, test } from 'vitest';

import { opened } from './test/opened.js';
import { complaint, cut, json, scriptedServer, type Reply } from './test/scripted-server.js';

const list = '/v2/acme/app/tags/list';

test('tags are asked for a thousand at a time and come in lexical order, each once', async () => {
  const { tags, server } = await listing([
    page(['9.3.7', '10.0.0'], `<${list}?n=1000&last=9.3.7>; rel="next"`),
    page(['latest', '9.3.7', '9'], `<https://internal:5000${list}?n=1000&last=x%26y>; rel="next"`),
    page([]),
  ]);
  expect(await tags).toEqual(['10.0.0', '9', '9.3.7', 'latest']);
  expect(server.log).toEqual([
    `GET ${list}?n=1000`,
    `GET ${list}?n=1000&last=9.3.7`,
    `GET ${list}?n=1000&last=x%26y`,
  ]);
});

test('a link leads nowhere else', async () => {
  const elsewhere = await scriptedServer();
  const { tags, server } = await listing([
    page(['a'], `<http://${elsewhere.host}/steal?last=a>; rel="next"`),
    page(['b']),
  ]);
  expect(await tags).toEqual(['a', 'b']);
  expect(elsewhere.log).toEqual([]);
  expect(server.log[1]).toBe(`GET ${list}?last=a`);
});

test.each([
  ['null', json({ name: 'acme/app', tags: null })],
  ['nothing at all', json({})],
  ['an unknown repository', complaint(404, 'NAME_UNKNOWN', 'unknown')],
])('%s has no tags', async (_name, reply) => {
  expect(await (await listing([reply])).tags).toEqual([]);
});

test('a tag that no reference could contain is left out', async () => {
  const { tags } = await listing([page(['good', '', '-x', '\u001b[2J', 'x'.repeat(129), 'a/b'])]);
  expect(await tags).toEqual(['good']);
});

test.each([
  ['a web page', { status: 200, body: '<html></html>' }],
  ['tags that are no list', json({ tags: 'all' })],
  ['tags that are no text', json({ tags: ['a', 5] })],
  ['a list', json(['a'])],
])('%s is garbage', async (_name, reply) => {
  await expect((await listing([reply])).tags).rejects.toMatchObject({ code: 'garbage' });
});

test('a page that names itself as the next one ends the list', async () => {
  const { tags, server } = await listing([page(['a'], `<${list}?n=1000>; rel="next"`)]);
  await expect(tags).rejects.toMatchObject({
    code: 'garbage',
    message: expect.stringContaining('a list that does not end') as string,
  });
  expect(server.log).toHaveLength(1);
});

test('a list without end is given up', async () => {
  let number = 0;
  const endless = () => page([`t${number}`], `<${list}?last=${number++}>; rel="next"`);
  const { tags, server } = await listing([endless]);
  await expect(tags).rejects.toMatchObject({ code: 'garbage' });
  expect(server.log).toHaveLength(1000);
});

test('a page is asked for again when the connection breaks', async () => {
  const { tags } = await listing([page(['a'], `<${list}?last=a>; rel="next"`), cut, page(['b'])]);
  expect(await tags).toEqual(['a', 'b']);
});

async function listing(replies: readonly Reply[]) {
  const server = await scriptedServer({ [`GET ${list}`]: replies });
  const { manifests } = opened(server.host).repository('acme/app');
  const all = async () => {
    const found: string[] = [];
    for await (const tag of manifests.tags()) found.push(tag);
    return found;
  };
  return { server, tags: all() };
}

function page(tags: readonly string[], link?: string) {
  const answer = json({ name: 'acme/app', tags });
  return link === undefined ? answer : { ...answer, headers: { ...answer.headers, link } };
}
