import { once } from 'node:events';

import { contentOf } from '@teleport-plugins/oci';
import { Secret } from '@teleport-plugins/secrets';
import { describe, expect, test } from 'vitest';

import type { RegistryOptions } from './registry.js';
import { opened, testClock } from './test/opened.js';
import { blobOf, bytesOf } from './test/samples.js';
import {
  complaint,
  cut,
  scriptedServer,
  type Answer,
  type Script,
} from './test/scripted-server.js';

const { blob, bytes } = blobOf(300_000);
const path = `/v2/acme/app/blobs/${blob.digest}`;
const whole: Answer = { status: 200, body: bytes };

describe('a blob', () => {
  test('comes byte for byte', async () => {
    const server = await scriptedServer({ [`GET ${path}`]: whole });
    expect((await download(server.host)).equals(bytes)).toBe(true);
    expect(server.log).toEqual([`GET ${path}`]);
  });

  test('is read on where the connection broke, however often that happens', async () => {
    const server = await scriptedServer({ [`GET ${path}`]: inParts(100_000) });
    expect((await download(server.host)).equals(bytes)).toBe(true);
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      'bytes=100000-',
      'bytes=200000-',
    ]);
  });

  test('is read on past what has been read where a registry ignores ranges', async () => {
    const server = await scriptedServer({ [`GET ${path}`]: [partOf(0, 120_001), whole] });
    expect((await download(server.host)).equals(bytes)).toBe(true);
    expect(server.log).toHaveLength(2);
  });

  test('is whole when the connection breaks behind its last byte', async () => {
    const script: Script = async (response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      response.write(bytes);
      await once(response.socket ?? response, 'drain').catch(() => undefined);
      setImmediate(() => response.socket?.destroy());
      return undefined;
    };
    const server = await scriptedServer({ [`GET ${path}`]: script });
    expect((await download(server.host)).equals(bytes)).toBe(true);
  });

  test('is read on where an answer without a length ends early', async () => {
    const script: Script = (response) => {
      response.writeHead(200, { connection: 'close' });
      response.useChunkedEncodingByDefault = false;
      response.shouldKeepAlive = false;
      response.end(bytes.subarray(0, 1000));
      return undefined;
    };
    const server = await scriptedServer({ [`GET ${path}`]: [script, rangeOf(1000)] });
    expect((await download(server.host)).equals(bytes)).toBe(true);
  });

  test('is refused when it is not what its digest says', async () => {
    const other = Buffer.from(bytes);
    other[299_999] = 255;
    const server = await scriptedServer({ [`GET ${path}`]: { status: 200, body: other } });
    await expect(download(server.host)).rejects.toMatchObject({
      code: 'content-mismatch',
      message: expect.stringContaining(`${server.host}/acme/app`) as string,
    });
    expect(server.log).toHaveLength(1);
  });

  test.each([
    ['shorter', bytes.subarray(0, 10)],
    ['longer', Buffer.concat([bytes, bytes])],
  ])('is refused when it is %s than it should be', async (_name, body) => {
    const server = await scriptedServer({ [`GET ${path}`]: { status: 200, body } });
    await expect(download(server.host)).rejects.toMatchObject({ code: 'content-mismatch' });
    expect(server.log).toHaveLength(1);
  });

  test('is refused when another part comes than the one asked for', async () => {
    const server = await scriptedServer({ [`GET ${path}`]: [partOf(0, 1000), rangeOf(2000)] });
    await expect(download(server.host)).rejects.toMatchObject({ code: 'garbage' });
  });

  test('is given up when nothing comes any more', async () => {
    const clock = testClock();
    const server = await scriptedServer({ [`GET ${path}`]: [partOf(0, 1000), cut] });
    await expect(download(server.host, { clock })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('(tried 6 times)') as string,
    });
    expect(server.log).toHaveLength(6);
  });

  test('is given up when it comes as a trickle', async () => {
    const server = await scriptedServer({ [`GET ${path}`]: inParts(1000) });
    await expect(download(server.host)).rejects.toMatchObject({ code: 'unreachable' });
    expect(server.log).toHaveLength(6);
  });

  test('that is large may break more often than there are repetitions, as long as it gets on', async () => {
    const large = blobOf(10 * 1024 * 1024);
    const script = inParts(1024 * 1024 + 1, large.bytes);
    const server = await scriptedServer({
      [`GET /v2/acme/app/blobs/${large.blob.digest}`]: script,
    });
    const { blobs } = opened(server.host, { retries: 1 }).repository('acme/app');
    expect((await bytesOf(blobs.fetch(large.blob))).equals(large.bytes)).toBe(true);
    expect(server.log).toHaveLength(10);
  });

  test('that is absent is not found', async () => {
    const missing = complaint(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
    const server = await scriptedServer({ [`GET ${path}`]: missing });
    await expect(download(server.host)).rejects.toMatchObject({
      code: 'not-found',
      message: `${server.host}: cannot read blob ${blob.digest} of acme/app: the registry answered 404 (BLOB_UNKNOWN: blob unknown to registry)`,
    });
  });

  test('holds no connection when its reader has enough', async () => {
    const server = await scriptedServer({ [`GET ${path}`]: whole });
    const registry = opened(server.host, { connections: 1 });
    for (let times = 0; times < 3; times++) {
      for await (const piece of registry.repository('acme/app').blobs.fetch(blob)) {
        expect(piece.byteLength).toBeGreaterThan(0);
        break;
      }
    }
    expect((await download(server.host)).equals(bytes)).toBe(true);
  });

  test('stops when its signal is aborted', async () => {
    const server = await scriptedServer({ [`GET ${path}`]: partOf(0, 1000, 'then silence') });
    const controller = new AbortController();
    const { blobs } = opened(server.host).repository('acme/app');
    const { signal } = controller;
    const reading = async () => {
      for await (const piece of blobs.fetch(blob, { signal })) expect(piece).toBeDefined();
    };
    const read = reading();
    await expect.poll(() => server.log.length).toBe(1);
    controller.abort(new Error('enough'));
    await expect(read).rejects.toThrow('enough');
  });
});

describe('a redirected blob', () => {
  const credentials = () =>
    Promise.resolve({ kind: 'basic', username: 'ann', password: new Secret('secret') } as const);
  const withBasic: RegistryOptions = { credentials, challenge: 'Basic realm="x"' };

  test('comes from elsewhere, and nobody there is told who asks', async () => {
    const storage = await scriptedServer({ 'GET /bucket/blob': whole });
    const location = `http://${storage.host}/bucket/blob?signature=abc%2Fdef`;
    const server = await scriptedServer({
      [`GET ${path}`]: { status: 307, headers: { location } },
    });
    expect((await download(server.host, withBasic)).equals(bytes)).toBe(true);
    expect(server.requests[0]?.headers.authorization).toBeDefined();
    expect(storage.log).toEqual(['GET /bucket/blob?signature=abc%2Fdef']);
    expect(storage.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('keeps the credential on the way to another path of the same registry', async () => {
    const redirect = { status: 302, headers: { location: '/elsewhere' } };
    const server = await scriptedServer({ [`GET ${path}`]: redirect, 'GET /elsewhere': whole });
    expect((await download(server.host, withBasic)).equals(bytes)).toBe(true);
    expect(server.requests[1]?.headers.authorization).toBe(
      server.requests[0]?.headers.authorization,
    );
  });

  test('has lost the credential when the way leads back', async () => {
    const server = await scriptedServer({ 'GET /back': whole });
    const storage = await scriptedServer({
      'GET /away': { status: 302, headers: { location: `http://${server.host}/back` } },
    });
    const location = `http://${storage.host}/away`;
    server.route({ [`GET ${path}`]: { status: 302, headers: { location } } });
    expect((await download(server.host, withBasic)).equals(bytes)).toBe(true);
    expect(server.requests[1]?.headers.authorization).toBeUndefined();
  });

  test('is asked for again at the registry when it breaks, with a fresh address', async () => {
    const storage = await scriptedServer({ 'GET /1': partOf(0, 1000), 'GET /2': rangeOf(1000) });
    const to = (name: string) => ({
      status: 307,
      headers: { location: `http://${storage.host}/${name}` },
    });
    const server = await scriptedServer({ [`GET ${path}`]: [to('1'), to('2')] });
    expect((await download(server.host)).equals(bytes)).toBe(true);
    expect(storage.requests[1]?.headers.range).toBe('bytes=1000-');
  });

  test('whose storage refuses says so, without the signature', async () => {
    const storage = await scriptedServer({
      'GET /x': { status: 403, body: '<Error>expired</Error>' },
    });
    const location = `http://${storage.host}/x?signature=secret`;
    const server = await scriptedServer({
      [`GET ${path}`]: { status: 307, headers: { location } },
    });
    await expect(download(server.host, withBasic)).rejects.toMatchObject({
      code: 'denied',
      message: `${server.host}: cannot read blob ${blob.digest} of acme/app: ${storage.host} answered 403 (with a web page)`,
    });
    // Its refusal says nothing about our credential.
    expect(server.log).toHaveLength(1);
  });

  test('that leads in a circle is given up', async () => {
    const server = await scriptedServer({
      [`GET ${path}`]: { status: 302, headers: { location: path } },
    });
    await expect(download(server.host)).rejects.toMatchObject({
      code: 'garbage',
      message: expect.stringContaining('redirected more than 5 times') as string,
    });
    expect(server.log).toHaveLength(6);
  });

  test.each(['file:///etc/passwd', 'gopher://x/', 'http://[nonsense', 'http://a b/'])(
    'that leads to %s is not followed',
    async (location) => {
      const server = await scriptedServer({
        [`GET ${path}`]: { status: 302, headers: { location } },
      });
      await expect(download(server.host)).rejects.toMatchObject({
        code: expect.stringMatching(/^(unsafe-address|garbage)$/) as string,
      });
    },
  );

  test('without a Location is garbage', async () => {
    const server = await scriptedServer({ [`GET ${path}`]: { status: 302 } });
    await expect(download(server.host)).rejects.toMatchObject({ code: 'garbage', status: 302 });
  });
});

test('a downloaded blob can be pushed within the same registry over one connection each', async () => {
  const server = await scriptedServer({
    [`GET ${path}`]: whole,
    'POST /v2/acme/copy/blobs/uploads/': { status: 202, headers: { location: '/upload' } },
    'PUT /upload': { status: 201 },
  });
  const registry = opened(server.host, { connections: 1 });
  const from = registry.repository('acme/app').blobs;
  const to = registry.repository('acme/copy').blobs;
  const large = blobOf(1_200_000);
  server.route({
    [`GET /v2/acme/app/blobs/${large.blob.digest}`]: { status: 200, body: large.bytes },
  });
  await Promise.all([1, 2, 3, 4].map(() => to.push(large.blob, from.fetch(large.blob))));
  await to.push(blob, contentOf(bytes));
  expect(server.connections).toBe(2);
});

async function download(host: string, options?: RegistryOptions): Promise<Buffer> {
  return bytesOf(opened(host, options).repository('acme/app').blobs.fetch(blob));
}

/** The answer to a range, or to none, cut off after so many bytes of it. */
function inParts(size: number, content = bytes): Script {
  return (response, request, recorded) => {
    const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
    return partOf(start, start + size, undefined, content)(response, request, recorded);
  };
}

/** Says it has everything from `start`, and breaks off at `end`. */
function partOf(start: number, end: number, then?: 'then silence', content = bytes): Script {
  return async (response) => {
    const last = content.byteLength - 1;
    response.writeHead(start === 0 ? 200 : 206, {
      'content-length': content.byteLength - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${last}/${content.byteLength}` }),
    });
    await new Promise<void>((sent) => {
      response.write(content.subarray(start, end), () => {
        sent();
      });
    });
    if (end >= content.byteLength) response.end();
    else if (then === undefined) response.socket?.end();
    return undefined;
  };
}

function rangeOf(start: number): Answer {
  return {
    status: 206,
    headers: { 'content-range': `bytes ${start}-${bytes.byteLength - 1}/${bytes.byteLength}` },
    body: bytes.subarray(start),
  };
}
