import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { contentOf, type Content } from '@teleport-plugins/oci';
import { Secret } from '@teleport-plugins/secrets';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import { serveRegistry } from '../server/serve.js';
import { openRegistry } from './registry.js';
import { tokenServer } from './test/bearer.js';
import { opened } from './test/opened.js';
import { blobOf } from './test/samples.js';
import {
  complaint,
  cut,
  scriptedServer,
  silence,
  type Answer,
  type Reply,
} from './test/scripted-server.js';

const { blob, bytes } = blobOf(1000);
/** More than is held in memory. */
const large = blobOf(1_300_000);
const post = 'POST /v2/acme/app/blobs/uploads/';
const begun: Answer = { status: 202, headers: { location: '/upload/1?state=a%2Fb' } };
const refused = complaint(400, 'DIGEST_INVALID', 'no');
const end = 'DELETE /upload/1?state=a%2Fb';

describe('an upload that is not completed is ended', () => {
  test('when the registry refuses it', async () => {
    const server = await scriptedServer({ [post]: begun, 'PUT /upload/1': refused });
    const credentials = () =>
      Promise.resolve({ kind: 'basic', username: 'ann', password: new Secret('x') } as const);
    const { blobs } = opened(server.host, {
      challenge: 'Basic realm="x"',
      credentials,
    }).repository('acme/app');
    await expect(blobs.push(blob, contentOf(bytes))).rejects.toMatchObject({
      code: 'rejected',
      status: 400,
    });
    expect(server.log.slice(2)).toEqual([end]);
    expect(server.requests[2]?.headers.authorization).toMatch(/^Basic /);
  });

  test('when its content fails', async () => {
    const server = await scriptedServer({ [post]: begun, 'PUT /upload/1': silence });
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(large.blob, failing(200_000))).rejects.toThrow('disk on fire');
    expect(server.log).toContain(end);
  });

  test('when it is aborted', async () => {
    const controller = new AbortController();
    const server = await scriptedServer({
      [post]: begun,
      'PUT /upload/1': () => {
        controller.abort(new Error('enough'));
        return undefined;
      },
      'DELETE /upload/1': { status: 204 },
    });
    const { blobs } = opened(server.host).repository('acme/app');
    const { signal } = controller;
    await expect(blobs.push(blob, contentOf(bytes), { signal })).rejects.toThrow('enough');
    expect(server.log.slice(2)).toEqual([end]);
  });

  test('when an attempt before it broke: that one, too', async () => {
    const second = { status: 202, headers: { location: '/upload/2' } };
    const server = await scriptedServer({
      [post]: [begun, second],
      'PUT /upload/1': cut,
      'PUT /upload/2': refused,
    });
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(blob, contentOf(bytes))).rejects.toMatchObject({ code: 'rejected' });
    expect(server.log.filter((line) => line.startsWith('DELETE')).sort()).toEqual([
      end,
      'DELETE /upload/2',
    ]);
  });

  test('in the embedded registry, which then holds nothing of it', async () => {
    const directory = join(await temporaryDirectory(), 'registry');
    const server = await serveRegistry(directory);
    const registry = openRegistry(server.host);
    onTestFinished(async () => {
      await registry.close();
      await server.close();
    });
    const { blobs } = registry.repository('acme/app');
    for (const size of [0, 100_000, 1_200_000]) {
      await expect(blobs.push(large.blob, failing(size))).rejects.toThrow('disk on fire');
      expect(await readdir(join(directory, 'uploads'))).toEqual([]);
    }
  });
});

describe('nobody is asked to end an upload', () => {
  test('when the connection broke', async () => {
    const server = await scriptedServer({ [post]: begun, 'PUT /upload/1': cut });
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(large.blob, pieces(large.bytes))).rejects.toMatchObject({
      code: 'unreachable',
    });
    expect(methods(server.log)).not.toContain('DELETE');
  });

  test('who has too much to do already', async () => {
    const server = await scriptedServer({ [post]: begun, 'PUT /upload/1': { status: 429 } });
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(blob, contentOf(bytes))).rejects.toMatchObject({ code: 'throttled' });
    expect(methods(server.log)).not.toContain('DELETE');
  });

  test('of another origin', async () => {
    const storage = await scriptedServer({ 'PUT /x': refused });
    const location = `http://${storage.host}/x?signature=1`;
    const server = await scriptedServer({ [post]: { status: 202, headers: { location } } });
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(blob, contentOf(bytes))).rejects.toMatchObject({ code: 'rejected' });
    expect(methods([...storage.log, ...server.log])).not.toContain('DELETE');
  });

  test('that is complete', async () => {
    const server = await scriptedServer({
      [post]: begun,
      'PUT /upload/1': [cut, { status: 201 }],
    });
    await opened(server.host).repository('acme/app').blobs.push(blob, contentOf(bytes));
    expect(methods(server.log)).not.toContain('DELETE');
  });

  test('that was never begun', async () => {
    const server = await scriptedServer({ [post]: complaint(403, 'DENIED', 'no') });
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(blob, contentOf(bytes))).rejects.toMatchObject({ code: 'denied' });
    expect(methods(server.log)).toEqual(['POST']);
  });
});

describe('the first error is told, whatever comes of ending the upload:', () => {
  const endings: readonly [string, Reply][] = [
    ['it cannot be ended', { status: 405 }],
    ['the registry is not well', { status: 500 }],
    ['the connection is cut', cut],
    ['the registry sends elsewhere', { status: 307, headers: { location: 'http://[' } }],
    ['nobody answers', silence],
  ];

  test.each(endings)('%s', async (_what, reply) => {
    const server = await scriptedServer({
      [post]: begun,
      'PUT /upload/1': refused,
      'DELETE /upload/1': reply,
    });
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(blob, contentOf(bytes))).rejects.toMatchObject({
      code: 'rejected',
      status: 400,
    });
    expect(methods(server.log)).toEqual(['POST', 'PUT', 'DELETE']);
  });

  test('it takes a right that pushing does not, which is then not asked for', async () => {
    const server = await scriptedServer();
    const tokens = tokenServer(() => `http://${server.host}/token`);
    const challenge = `Bearer realm="http://${server.host}/token",scope="repository:acme/app:delete"`;
    server.route({
      'GET /token': tokens.endpoint,
      [post]: tokens.guarded(begun),
      'PUT /upload/1': [refused, { status: 201 }],
      'DELETE /upload/1': { status: 401, headers: { 'www-authenticate': challenge } },
    });
    const { blobs } = opened(server.host).repository('acme/app');
    await expect(blobs.push(blob, contentOf(bytes))).rejects.toMatchObject({ code: 'rejected' });
    await blobs.push(blob, contentOf(bytes));
    expect(tokens.asked.map((query) => query.getAll('scope'))).toEqual([
      ['repository:acme/app:pull,push'],
    ]);
  });
});

function methods(log: readonly string[]): readonly string[] {
  return log.map((line) => line.replace(/ .*/, ''));
}

/** The beginning of the large blob, and then no more. */
async function* failing(size: number): Content {
  yield* pieces(large.bytes.subarray(0, size));
  throw new Error('disk on fire');
}

// eslint-disable-next-line @typescript-eslint/require-await -- a content that is at hand
async function* pieces(content: Uint8Array): Content {
  for (let at = 0; at < content.byteLength; at += 65_536) yield content.subarray(at, at + 65_536);
}
