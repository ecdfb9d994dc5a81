import { contentOf, type Content } from '@teleport-plugins/oci';
import { Secret } from '@teleport-plugins/secrets';
import { describe, expect, test } from 'vitest';

import type { RegistryOptions } from './registry.js';
import { opened } from './test/opened.js';
import { blobOf } from './test/samples.js';
import {
  complaint,
  cut,
  scriptedServer,
  type Answer,
  type Routes,
  type Script,
  type ScriptedServer,
} from './test/scripted-server.js';

const { blob, bytes } = blobOf(1000);
/** More than is held in memory. */
const large = blobOf(1_300_000);
const uploads = '/v2/acme/app/blobs/uploads/';
const begun: Answer = { status: 202, headers: { location: '/upload/1?state=a%2Fb+c==' } };
const created: Answer = { status: 201 };

describe('a push', () => {
  test('is a POST and a PUT of the whole with its length', async () => {
    const server = await registry();
    await push(server);
    expect(server.log).toEqual([`POST ${uploads}`, `PUT ${completed(blob.digest)}`]);
    const [post, put] = server.requests;
    expect(post?.headers['content-length']).toBe('0');
    expect(put?.headers).toMatchObject({
      'content-length': '1000',
      'content-type': 'application/octet-stream',
    });
    expect(put?.headers).not.toHaveProperty('transfer-encoding');
    expect(put?.body.equals(bytes)).toBe(true);
  });

  test('of much streams, with its length as well', async () => {
    const server = await registry();
    const inFlight = pieces(large.bytes);
    await opened(server.host).repository('acme/app').blobs.push(large.blob, inFlight);
    const put = server.requests.at(-1);
    expect(put?.headers['content-length']).toBe('1300000');
    expect(put?.headers).not.toHaveProperty('transfer-encoding');
    expect(put?.body.equals(large.bytes)).toBe(true);
  });

  test('of nothing is possible', async () => {
    const empty = blobOf(0);
    const server = await registry();
    await opened(server.host).repository('acme/app').blobs.push(empty.blob, contentOf(empty.bytes));
    expect(server.requests.at(-1)?.headers['content-length']).toBe('0');
  });

  test.each([
    ['an address of its own', (host: string) => `http://${host}/upload/1`],
    ['one relative to the request', () => '../../../../../upload/1'],
    ['one with an empty query and a fragment', () => '/upload/1?#x'],
  ])('goes to where the registry says, be it %s', async (_name, location) => {
    const server = await registry();
    server.route({
      [`POST ${uploads}`]: { status: 202, headers: { location: location(server.host) } },
    });
    await push(server);
    expect(server.log.at(-1)).toBe(`PUT /upload/1?digest=${encodeURIComponent(blob.digest)}`);
  });

  test('goes to another origin without the credential', async () => {
    const storage = await scriptedServer({ 'PUT /x': created });
    const location = `http://${storage.host}/x?signature=1`;
    const server = await scriptedServer({
      [`POST ${uploads}`]: { status: 202, headers: { location } },
    });
    await push(server, withBasic);
    expect(server.requests[0]?.headers.authorization).toBeDefined();
    expect(storage.requests[0]?.headers.authorization).toBeUndefined();
    expect(storage.requests[0]?.body.equals(bytes)).toBe(true);
  });

  test.each([
    ['without saying where', { status: 202 }, 'garbage'],
    ['at a file', { status: 202, headers: { location: 'file:///x' } }, 'unsafe-address'],
    ['at no address', { status: 202, headers: { location: 'http://[' } }, 'garbage'],
    ['with another status', { status: 200, headers: { location: '/upload/1' } }, 'garbage'],
    ['elsewhere', { status: 307, headers: { location: '/elsewhere' } }, 'garbage'],
  ] as const)('is refused when the registry opens it %s', async (_name, answer, code) => {
    const server = await registry({ [`POST ${uploads}`]: answer });
    await expect(push(server)).rejects.toMatchObject({ code });
    expect(server.log).toHaveLength(1);
  });

  test('to a repository that is not there says what to do', async () => {
    const missing = complaint(
      404,
      'NAME_UNKNOWN',
      "The repository with name 'acme/app' does not exist",
    );
    const server = await registry({ [`POST ${uploads}`]: missing });
    await expect(push(server)).rejects.toMatchObject({
      code: 'name-unknown',
      message: `${server.host}: cannot push blob ${blob.digest} to acme/app: the registry answered 404 (NAME_UNKNOWN: The repository with name 'acme/app' does not exist); check its name, or create the repository first`,
    });
  });

  test('lets go of its content when it is refused', async () => {
    const server = await registry({ [`POST ${uploads}`]: complaint(403, 'DENIED', 'read only') });
    let isReleased = false;
    async function* content(): Content {
      try {
        yield* pieces(large.bytes);
      } finally {
        isReleased = true;
      }
    }
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(large.blob, content())).rejects.toMatchObject({ code: 'denied' });
    await expect.poll(() => isReleased).toBe(true);
  });

  test('of other bytes is never completed', async () => {
    const server = await registry();
    const other = Buffer.from(large.bytes);
    other[1_299_999] = 255;
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(large.blob, pieces(other))).rejects.toMatchObject({
      code: 'content-mismatch',
    });
    expect(server.requests.at(-1)?.body.byteLength).toBeLessThan(1_300_000);
  });

  test('whose content fails throws what that failed with, and sends nothing again', async () => {
    const server = await registry();
    async function* failing(): Content {
      yield* pieces(large.bytes.subarray(0, 200_000));
      throw new Error('disk on fire');
    }
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(large.blob, failing(), { reopen: failing })).rejects.toThrow(
      'disk on fire',
    );
    expect(server.log.filter((line) => line.startsWith('PUT'))).not.toHaveLength(2);
  });

  test('stops when its signal is aborted', async () => {
    const server = await registry({ [`PUT /upload/1`]: () => undefined });
    const controller = new AbortController();
    const { blobs } = opened(server.host).repository('acme/app');
    const pushed = blobs.push(blob, contentOf(bytes), { signal: controller.signal });
    await Promise.all([
      expect(pushed).rejects.toThrow('enough'),
      expect
        .poll(() => server.log.length)
        .toBe(2)
        .then(() => {
          controller.abort(new Error('enough'));
        }),
    ]);
  });
});

describe('a push that breaks', () => {
  const head = `HEAD /v2/acme/app/blobs/${blob.digest}`;

  test.each([
    ['the connection is cut', cut],
    ['the connection is cut in the middle', cutAfter(1)],
    ['the registry is not well', { status: 503 }],
    ['the registry is overloaded', { status: 429, headers: { 'retry-after': '1' } }],
    ['the upload is forgotten', complaint(404, 'BLOB_UPLOAD_UNKNOWN', 'upload unknown')],
  ] as const)('is made again, whole, when %s', async (_name, reply) => {
    const server = await registry({ 'PUT /upload/1': [reply, created] });
    await push(server);
    expect(server.log).toEqual([
      `POST ${uploads}`,
      `PUT ${completed(blob.digest)}`,
      head,
      `POST ${uploads}`,
      `PUT ${completed(blob.digest)}`,
    ]);
    expect(server.requests.at(-1)?.body.equals(bytes)).toBe(true);
  });

  test('is not made again when the blob turns out to be there', async () => {
    const server = await registry({
      'PUT /upload/1': [cutAfter(1000)],
      [head]: { status: 200, headers: { 'content-length': '1000' } },
    });
    await push(server);
    expect(server.log).toEqual([`POST ${uploads}`, `PUT ${completed(blob.digest)}`, head]);
  });

  test('before anything was sent is begun again', async () => {
    const server = await registry({ [`POST ${uploads}`]: [cut, { status: 500 }, begun] });
    const { blobs } = opened(server.host).repository('acme/app');
    await blobs.push(large.blob, pieces(large.bytes));
    expect(server.log.map((line) => line.slice(0, 4))).toEqual(['POST', 'POST', 'POST', 'PUT ']);
  });

  test('with much in it is made again when the content can be had again', async () => {
    const server = await registry({ 'PUT /upload/1': [cutAfter(100_000), created] });
    const { blobs } = opened(server.host).repository('acme/app');
    let opens = 0;
    const reopen = () => {
      opens += 1;
      return pieces(large.bytes);
    };
    await blobs.push(large.blob, pieces(large.bytes), { reopen });
    expect(opens).toBe(1);
    expect(server.requests.at(-1)?.body.equals(large.bytes)).toBe(true);
  });

  test('with much in it fails when the content cannot be had again', async () => {
    const server = await registry({ 'PUT /upload/1': [cutAfter(100_000), created] });
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(large.blob, pieces(large.bytes))).rejects.toMatchObject({
      code: 'unreachable',
      transient: true,
    });
    expect(server.log.filter((line) => line.startsWith('PUT'))).toHaveLength(1);
  });

  test('again and again is given up', async () => {
    const server = await registry({ 'PUT /upload/1': { status: 503 } });
    await expect(push(server)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('(tried 6 times)') as string,
    });
    expect(server.log.filter((line) => line.startsWith('PUT'))).toHaveLength(6);
  });

  test('for a reason that lasts is not made again', async () => {
    const server = await registry({ 'PUT /upload/1': complaint(400, 'DIGEST_INVALID', 'no') });
    await expect(push(server)).rejects.toMatchObject({ code: 'rejected', status: 400 });
    expect(server.log.filter((line) => line.startsWith('PUT'))).toHaveLength(1);
  });
});

describe('a mount', () => {
  const mount = `${uploads}?mount=${encodeURIComponent(blob.digest)}&from=acme%2Fbase`;

  test('costs one request', async () => {
    const server = await registry({ [`POST ${uploads}`]: created });
    expect(await opened(server.host).repository('acme/app').blobs.mount(blob, 'acme/base')).toBe(
      true,
    );
    expect(server.log).toEqual([`POST ${mount}`]);
  });

  test('that becomes an upload is used by the push that follows', async () => {
    const server = await registry();
    const { blobs } = opened(server.host).repository('acme/app');
    expect(await blobs.mount(blob, 'acme/base')).toBe(false);
    await blobs.push(blob, contentOf(bytes));
    expect(server.log).toEqual([`POST ${mount}`, `PUT ${completed(blob.digest)}`]);
    // Once only: the next push of the same blob opens its own.
    await blobs.push(blob, contentOf(bytes));
    expect(server.log[2]).toBe(`POST ${uploads}`);
  });

  test('that the registry does not want is none', async () => {
    for (const answer of [
      complaint(401, 'UNAUTHORIZED', 'no'),
      complaint(403, 'DENIED', 'no'),
      complaint(404, 'NAME_UNKNOWN', 'no'),
      complaint(405, 'UNSUPPORTED', 'no'),
    ]) {
      const server = await registry({ [`POST ${uploads}`]: answer });
      expect(await opened(server.host).repository('acme/app').blobs.mount(blob, 'acme/base')).toBe(
        false,
      );
    }
  });

  test('is repeated when it fails for a reason that passes', async () => {
    const server = await registry({ [`POST ${uploads}`]: [{ status: 502 }, cut, created] });
    expect(await opened(server.host).repository('acme/app').blobs.mount(blob, 'acme/base')).toBe(
      true,
    );
  });

  test('from something that is no repository is refused', async () => {
    const server = await registry();
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.mount(blob, '../x?')).rejects.toMatchObject({ code: 'reference-invalid' });
    expect(server.log).toEqual([]);
  });
});

describe('looking for a blob', () => {
  const head = `HEAD /v2/acme/app/blobs/${blob.digest}`;

  test.each([
    ['is there', { status: 200, headers: { 'content-length': '1000' } }, true],
    [
      'is there, of unknown length',
      { status: 200, headers: { 'transfer-encoding': 'chunked' } },
      true,
    ],
    ['has another length', { status: 200, headers: { 'content-length': '999' } }, false],
    ['is absent', { status: 404 }, false],
    ['cannot be asked for anonymously', { status: 401 }, false],
    ['may not be asked for', { status: 403 }, false],
    ['cannot be asked for with HEAD', { status: 405 }, false],
  ] as const)('that %s', async (_name, answer, expected) => {
    const server = await scriptedServer({ [head]: answer });
    expect(await opened(server.host).repository('acme/app').blobs.exists(blob)).toBe(expected);
    expect(server.log).toEqual([head]);
  });

  test('follows to the storage', async () => {
    const storage = await scriptedServer({
      'HEAD /x': { status: 200, headers: { 'content-length': '1000' } },
    });
    const server = await scriptedServer({
      [head]: { status: 307, headers: { location: `http://${storage.host}/x` } },
    });
    expect(await opened(server.host).repository('acme/app').blobs.exists(blob)).toBe(true);
  });

  test('in a registry that is not well fails', async () => {
    const server = await scriptedServer({ [head]: { status: 500 } });
    await expect(
      opened(server.host).repository('acme/app').blobs.exists(blob),
    ).rejects.toMatchObject({ code: 'unavailable' });
    expect(server.log).toHaveLength(6);
  });
});

const withBasic: RegistryOptions = {
  challenge: 'Basic realm="x"',
  credentials: () =>
    Promise.resolve({ kind: 'basic', username: 'ann', password: new Secret('secret') }),
};

function registry(routes: Routes = {}): Promise<ScriptedServer> {
  return scriptedServer({ [`POST ${uploads}`]: begun, 'PUT /upload/1': created, ...routes });
}

function push(server: ScriptedServer, options: RegistryOptions = {}): Promise<void> {
  return opened(server.host, options).repository('acme/app').blobs.push(blob, contentOf(bytes));
}

/** The upload's own query stays as it was. */
function completed(digest: string): string {
  return `/upload/1?state=a%2Fb+c==&digest=${encodeURIComponent(digest)}`;
}

/** Cuts the connection when so many bytes of the request have arrived. */
function cutAfter(size: number): Script {
  return async (_response, request, recorded) => {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (recorded.body.byteLength >= size) resolve();
      };
      request.on('data', look);
      look();
    });
    request.socket.destroy();
    return undefined;
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a content that is at hand
async function* pieces(content: Uint8Array): Content {
  for (let at = 0; at < content.byteLength; at += 65_536) yield content.subarray(at, at + 65_536);
}
