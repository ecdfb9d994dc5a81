import { contentOf } from '@teleport-plugins/oci';
import { expect, test } from 'vitest';

import type { RemoteRepository } from './repository.js';
import { opened } from './test/opened.js';
import { blobOf, manifestOf } from './test/samples.js';
import { json, scriptedServer, type Answer } from './test/scripted-server.js';

const { blob, bytes } = blobOf(10);
const { manifest, bytes: manifestBytes } = manifestOf();

const acts = {
  resolve: ({ manifests }: RemoteRepository) => manifests.resolve('1.0.0'),
  'list tags': async ({ manifests }: RemoteRepository) => {
    const tags: string[] = [];
    for await (const tag of manifests.tags()) tags.push(tag);
  },
  'push a blob': ({ blobs }: RemoteRepository) => blobs.push(blob, contentOf(bytes)),
  'push a manifest': ({ manifests }: RemoteRepository) => manifests.push(manifest, manifestBytes),
};

const page: Answer = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<html>welcome</html>',
};
const challenged = (realm: string): Answer => ({
  status: 401,
  headers: { 'www-authenticate': `Bearer realm="${realm}"` },
});

test.each([
  ['resolve', 'a web page', page],
  ['resolve', 'nothing but itself', { status: 307, headers: { location: '?again' } }],
  ['resolve', 'a realm that is none', challenged('here')],
  ['list tags', 'a web page', page],
  ['list tags', 'tags that are numbers', json({ tags: [1, 2] })],
  ['list tags', 'a list', json(['1.0.0'])],
  ['push a blob', 'a web page', page],
  ['push a blob', 'an upload nowhere', { status: 202 }],
  ['push a blob', 'no address', { status: 202, headers: { location: 'http://[' } }],
  ['push a manifest', 'another address', { status: 302, headers: { location: '/login' } }],
] as const)('who is asked to %s and answers with %s is no registry', async (act, _what, answer) => {
  const server = await scriptedServer();
  server.route(everything(answer));
  const { message, code } = await failureOf(acts[act](opened(server.host).repository('acme/app')));
  expect(code).toBe('garbage');
  expect(message).toMatch(
    /^127\.0\.0\.1:\d+: cannot .*; check that this is the address of a registry$/,
  );
});

test('who points to something that answers with garbage is named', async () => {
  const elsewhere = await scriptedServer({ 'GET /token': page });
  const server = await scriptedServer();
  server.route(everything(challenged(`http://${elsewhere.host}/token`)));
  const { message, code } = await failureOf(
    acts.resolve(opened(server.host).repository('acme/app')),
  );
  expect({ code, message }).toEqual({
    code: 'garbage',
    message: `${server.host}: cannot resolve acme/app:1.0.0: ${elsewhere.host} answered with something else than a JSON object; check the address of the registry, ${server.host}, which points there`,
  });
});

/** Whatever the acts ask for. */
function everything(answer: Answer) {
  return {
    'HEAD /v2/acme/app/manifests/1.0.0': answer,
    'GET /v2/acme/app/manifests/1.0.0': answer,
    'GET /v2/acme/app/tags/list': answer,
    'POST /v2/acme/app/blobs/uploads/': answer,
    [`PUT /v2/acme/app/manifests/${manifest.digest}`]: answer,
  };
}

async function failureOf(act: Promise<unknown>): Promise<{ message: string; code: string }> {
  const error: unknown = await act.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  return error as { message: string; code: string };
}
