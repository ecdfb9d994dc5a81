import { contentOf, type Descriptor } from '@teleport-plugins/oci';
import { describe, expect, test } from 'vitest';

import { copyGraph } from '../copy/copy.js';
import { moveTag, tagOnce } from '../copy/tags.js';
import { store, testImage } from '../copy/test/images.js';
import { served } from '../copy/test/served.js';
import { forward, front } from './test/front.js';
import { opened, testClock } from './test/opened.js';
import { blobOf, manifestOf } from './test/samples.js';
import {
  complaint,
  cut,
  json,
  scriptedServer,
  type Answer,
  type Reply,
} from './test/scripted-server.js';

/** What Amazon ECR does otherwise than the specification, or than others do. */

const { blob, bytes } = blobOf(1000);
const image = manifestOf();
const { manifest } = image;
const other = manifestOf({ annotations: { other: 'x' } }).manifest;
const uploads = '/v2/acme/app/blobs/uploads/';
const byDigest = `/v2/acme/app/manifests/${manifest.digest}`;
const tagged = '/v2/acme/app/manifests/1.0.0';
const begun: Answer = { status: 202, headers: { location: '/upload' } };
const created: Answer = { status: 201 };

describe('a repository that is not there', () => {
  const missing = complaint(
    404,
    'NAME_UNKNOWN',
    "The repository with name 'acme/app' does not exist in the registry with id '146628656107'",
  );
  const message = `the registry answered 404 (NAME_UNKNOWN: The repository with name 'acme/app' does not exist in the registry with id '146628656107'); check its name, or create the repository first`;

  test('is told of when it cuts the connections of those who write', async () => {
    const server = await scriptedServer({
      [`POST ${uploads}`]: cut,
      'GET /v2/acme/app/tags/list': missing,
    });
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(blob, contentOf(bytes))).rejects.toMatchObject({
      code: 'name-unknown',
      message: `${server.host}: cannot push blob ${blob.digest} to acme/app: ${message}`,
    });
    await expect(blobs.mount(blob, 'acme/base')).rejects.toMatchObject({ code: 'name-unknown' });
    expect(server.log.filter((line) => line.startsWith('POST'))).toHaveLength(12);
    expect(server.log.filter((line) => line.startsWith('GET'))).toHaveLength(2);
  });

  test.each<[string, Reply]>([
    ['it is there', json({ name: 'acme/app', tags: null })],
    ['nobody may know', complaint(403, 'DENIED', 'no')],
    ['that is cut off too', cut],
  ])('is not suspected when %s', async (_name, reply) => {
    const server = await scriptedServer({
      [`POST ${uploads}`]: cut,
      'GET /v2/acme/app/tags/list': reply,
    });
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(blob, contentOf(bytes))).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('(tried 6 times)') as string,
    });
    expect(server.log).toHaveLength(7);
  });
});

describe('a tag that never moves', () => {
  const taken = complaint(
    400,
    'TAG_INVALID',
    `The image tag '1.0.0' already exists in the 'acme/app' repository and cannot be overwritten because the tag is immutable.`,
  );
  /** Not there when it is looked for; when it is written, somebody else has been faster. */
  const raced = (winner: Descriptor) =>
    scriptedServer({
      [`HEAD ${tagged}`]: [{ status: 404 }, head(winner)],
      [`GET ${byDigest}`]: { status: 200, body: image.bytes },
      [`PUT ${tagged}`]: taken,
    });

  test('is tagged when two write the same at once, though ECR refuses the second', async () => {
    for (const [write, expected] of [
      [tagOnce, 'tagged'],
      [moveTag, 'tagged'],
    ] as const) {
      const server = await raced(manifest);
      const repository = opened(server.host).repository('acme/app');
      expect(await write(repository, manifest, '1.0.0')).toBe(expected);
    }
  });

  test('is refused when the other one wrote something else, naming both', async () => {
    for (const write of [tagOnce, moveTag]) {
      const server = await raced(other);
      const repository = opened(server.host).repository('acme/app');
      const failure: unknown = await write(repository, manifest, '1.0.0').catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ code: 'tag-exists' });
      expect(String(failure)).toContain(manifest.digest);
      expect(String(failure)).toContain(other.digest);
    }
  });

  test('is not written again where it is', async () => {
    const server = await scriptedServer({ [`HEAD ${tagged}`]: head(manifest) });
    const repository = opened(server.host).repository('acme/app');
    expect(await tagOnce(repository, manifest, '1.0.0')).toBe('already');
    expect(server.log).toEqual([`HEAD ${tagged}`]);
  });

  test('is refused for its name in other words, which are told', async () => {
    const server = await scriptedServer({
      [`HEAD ${tagged}`]: { status: 404 },
      [`GET ${byDigest}`]: { status: 200, body: image.bytes },
      [`PUT ${tagged}`]: complaint(400, 'TAG_INVALID', 'Invalid parameter'),
    });
    const repository = opened(server.host).repository('acme/app');
    await expect(tagOnce(repository, manifest, '1.0.0')).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringContaining('TAG_INVALID: Invalid parameter') as string,
    });
  });
});

describe('a manifest', () => {
  test('is written when the answer says nothing of where', async () => {
    const server = await scriptedServer({ [`PUT ${byDigest}`]: created });
    await opened(server.host).repository('acme/app').manifests.push(manifest, image.bytes);
    expect(server.log).toEqual([`PUT ${byDigest}`]);
  });

  test('that ECR Public is too strict for is told of, once, as it is', async () => {
    const server = await scriptedServer({
      [`PUT ${byDigest}`]: complaint(405, 'UNSUPPORTED', 'Invalid JSON syntax'),
    });
    const { manifests } = opened(server.host).repository('acme/app');
    await expect(manifests.push(manifest, image.bytes)).rejects.toMatchObject({
      code: 'rejected',
      status: 405,
      message: `${server.host}: cannot push manifest ${manifest.digest} to acme/app: the registry answered 405 (UNSUPPORTED: Invalid JSON syntax); it is stricter than the specification: leave out of the manifest what it may not know`,
    });
    expect(server.log).toHaveLength(1);
  });
});

describe('rates', () => {
  const date = 'Tue, 24 Nov 2026 10:00:00 GMT';
  const later = 'Tue, 24 Nov 2026 10:00:07 GMT';
  const limits: readonly (readonly [string, Answer, number])[] = [
    ['429, in seconds', { status: 429, headers: { 'retry-after': '7' } }, 7000],
    ['429, as a date', { status: 429, headers: { 'retry-after': later, date } }, 7000],
    ['503, in seconds', { status: 503, headers: { 'retry-after': '7' } }, 7000],
    ['503, as a date', { status: 503, headers: { 'retry-after': later, date } }, 7000],
    ['429, of no length', complaint(429, 'TOOMANYREQUESTS', 'Rate exceeded'), 125],
  ];

  test.each(limits)('are kept for every kind of request: %s', async (_name, limited, pause) => {
    const clock = testClock();
    const server = await scriptedServer({
      [`HEAD /v2/acme/app/blobs/${blob.digest}`]: [limited, { status: 404 }],
      [`GET /v2/acme/app/blobs/${blob.digest}`]: [limited, { status: 200, body: bytes }],
      [`POST ${uploads}`]: [limited, begun],
      'PUT /upload': [limited, created],
      [`GET ${byDigest}`]: [limited, { status: 200, body: image.bytes }],
      [`PUT ${byDigest}`]: [limited, created],
      [`HEAD ${tagged}`]: [limited, { status: 404 }],
      [`PUT ${tagged}`]: [limited, created],
      'GET /v2/acme/app/tags/list': [limited, json({ tags: [] })],
    });
    const { blobs, manifests } = opened(server.host, { clock }).repository('acme/app');
    await blobs.exists(blob);
    await blobs.push(blob, contentOf(bytes));
    for await (const piece of blobs.fetch(blob)) expect(piece).toBeDefined();
    await manifests.push(manifest, image.bytes);
    await manifests.fetch(manifest);
    await manifests.resolve('1.0.0');
    await manifests.tag(manifest, '1.0.0');
    for await (const tag of manifests.tags()) expect(tag).toBeUndefined();
    // The PUT of a blob came second to its POST: it had half of its patience left.
    const put = pause === 125 ? 250 : pause;
    expect(clock.pauses).toEqual([pause, pause, put, pause, pause, pause, pause, pause, pause]);
  });

  test('that last are given up after a bounded time', async () => {
    const clock = testClock();
    const limited: Answer = { status: 429, headers: { 'retry-after': '60' } };
    const server = await scriptedServer({ [`PUT ${byDigest}`]: limited });
    const { manifests } = opened(server.host, { clock }).repository('acme/app');
    await expect(manifests.push(manifest, image.bytes)).rejects.toMatchObject({
      code: 'throttled',
      message: expect.stringContaining('try again in 60 s (tried 6 times)') as string,
    });
    expect(clock.now()).toBe(5 * 60_000);
  });

  test('that do not say for how long are waited for longer, and for a bounded time, too', async () => {
    const clock = testClock();
    const server = await scriptedServer({ [`PUT ${byDigest}`]: { status: 429 } });
    const { manifests } = opened(server.host, { clock }).repository('acme/app');
    await expect(manifests.push(manifest, image.bytes)).rejects.toMatchObject({
      code: 'throttled',
      message: expect.stringContaining('(tried 11 times)') as string,
    });
    expect(clock.now()).toBe(27_875);
  });

  test('of ten a second, each, for uploads and manifests hold up no copy', async () => {
    const upstream = await served();
    const many = testImage(Array.from({ length: 40 }, (_, at) => `layer ${at}`));
    await store(many, upstream.registry.repository('from'));
    const clock = testClock();
    const buckets = new Map<string, { second: number; used: number }>();
    const limiter = await front((request, response) => {
      // Time goes on while others are being served, and not only when somebody pauses.
      clock.pass(10);
      const { method = '', url = '' } = request;
      const kind = /(blobs\/uploads|manifests)\//.exec(url)?.[1];
      const second = Math.floor(clock.now() / 1000);
      const key = `${method} ${kind ?? ''}`;
      const bucket = buckets.get(key);
      const used = bucket?.second === second ? bucket.used : 0;
      buckets.set(key, { second, used: used + 1 });
      if (kind === undefined || ['HEAD', 'GET'].includes(method) || used < 10) {
        forward(upstream.host, request, response);
        return;
      }
      const tooMany = complaint(429, 'TOOMANYREQUESTS', 'Rate exceeded');
      request.resume().on('end', () => response.writeHead(429).end(tooMany.body));
    });
    const registry = opened(limiter.host, { clock });
    const to = registry.repository('to');
    const { copied } = await copyGraph(upstream.registry.repository('from'), to, many.root);
    await registry.close();
    await limiter.close();
    expect(copied.count).toBe(42);
    expect(clock.pauses.length).toBeGreaterThan(0);
  });
});

test('uploads are never sent in pieces: ECR answers those otherwise', async () => {
  const server = await scriptedServer({ [`POST ${uploads}`]: begun, 'PUT /upload': created });
  const large = blobOf(1_300_000);
  const { blobs } = opened(server.host).repository('acme/app');
  await blobs.push(large.blob, contentOf(large.bytes));
  expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'PUT']);
  expect(server.requests[1]?.headers['transfer-encoding']).toBeUndefined();
});

test('no more than a thousand tags are asked for at once', async () => {
  const many = Array.from({ length: 1001 }, (_, at) => `1.0.${at}`);
  const page = '/v2/acme/app/tags/list';
  const server = await scriptedServer({
    [`GET ${page}`]: (_response, _request, { url }) => {
      const { searchParams } = new URL(url, 'http://x');
      if (Number(searchParams.get('n')) > 1000) return complaint(400, 'UNSUPPORTED', 'n > 1000');
      if (searchParams.has('last')) return json({ tags: many.slice(1000) });
      const link = `<${page}?last=${many[999] ?? ''}&n=1000>; rel="next"`;
      const first = json({ tags: many.slice(0, 1000) });
      return { ...first, headers: { ...first.headers, link } };
    },
  });
  const listed: string[] = [];
  const { manifests } = opened(server.host).repository('acme/app');
  for await (const tag of manifests.tags()) listed.push(tag);
  expect(listed).toHaveLength(1001);
});

function head({ mediaType, digest, size }: Descriptor): Answer {
  return {
    status: 200,
    headers: {
      'content-type': mediaType,
      'docker-content-digest': digest,
      'content-length': String(size),
    },
  };
}
