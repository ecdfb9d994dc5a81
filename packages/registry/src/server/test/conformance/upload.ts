import { createHash } from 'node:crypto';

import { expect } from 'vitest';

import { digestOf } from '@teleport-plugins/oci';

import { beginUpload, layer, location, pushBlob, withQuery } from '../content.js';
import { call, type Reply } from '../http.js';
import { errorCode, type Check } from './check.js';

const stream = { 'content-type': 'application/octet-stream' };

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs */
export function uploadTests(check: Check): void {
  check('a blob is pushed with a POST and a PUT', async ({ host, repository }) => {
    const blob = layer('post and put');
    const pushed = await pushBlob(host, repository, blob);
    expect(pushed.status).toBe(201);
    expect((await call(host, 'GET', location(pushed))).body).toEqual(blob.bytes);
  });

  check('the same blob can be pushed again', async ({ host, repository }) => {
    const blob = layer('twice');
    await pushBlob(host, repository, blob);
    expect((await pushBlob(host, repository, blob)).status).toBe(201);
  });

  check(
    'a blob is pushed with one POST',
    async ({ host, repository }) => {
      const blob = layer('post alone');
      const path = `/v2/${repository}/blobs/uploads/?digest=${blob.descriptor.digest}`;
      const pushed = await call(host, 'POST', path, { headers: stream, body: blob.bytes });
      expect(pushed.status).toBe(201);
      expect((await call(host, 'GET', location(pushed))).body).toEqual(blob.bytes);
    },
    'single-post',
  );

  check('a blob is streamed without a length, then closed', async ({ host, repository }) => {
    const parts = [Buffer.from('streamed '), Buffer.from('bytes')];
    async function* body() {
      yield* parts;
      await Promise.resolve();
    }
    const path = await beginUpload(host, repository);
    const sent = await call(host, 'PATCH', path, { headers: stream, body: body() });
    expect(sent.status).toBe(202);
    const digest = digestOf(Buffer.concat(parts));
    const closed = await call(host, 'PUT', withQuery(location(sent), { digest }));
    expect(closed.status).toBe(201);
    expect((await call(host, 'GET', location(closed))).body.toString()).toBe('streamed bytes');
  });

  check('a blob is pushed in chunks, of which the last may come with the PUT', async (subject) => {
    const { host, repository } = subject;
    let path = await beginUpload(host, repository);
    for (const [chunk, range] of [
      ['abcd', '0-3'],
      ['ef', '4-5'],
    ] as const) {
      const sent = await chunked(host, 'PATCH', path, chunk, range);
      expect(sent.status).toBe(202);
      expect(sent.headers.range).toBe(`0-${range.split('-')[1] ?? ''}`);
      path = location(sent);
    }
    const status = await call(host, 'GET', path);
    expect([status.status, status.headers.range]).toEqual([204, '0-5']);
    const digest = digestOf(Buffer.from('abcdefghi'));
    const closed = await chunked(
      host,
      'PUT',
      withQuery(location(status), { digest }),
      'ghi',
      '6-8',
    );
    expect(closed.status).toBe(201);
    expect((await call(host, 'GET', location(closed))).body.toString()).toBe('abcdefghi');
  });

  check(
    'a chunk out of order is refused, and changes nothing',
    async ({ host, repository }) => {
      const path = await beginUpload(host, repository);
      expect((await chunked(host, 'PATCH', path, 'later', '4-8')).status).toBe(416);
      const first = await chunked(host, 'PATCH', path, 'abcd', '0-3');
      expect(first.status).toBe(202);
      expect((await chunked(host, 'PATCH', location(first), 'abcd', '0-3')).status).toBe(416);
      const status = await call(host, 'GET', location(first));
      expect([status.status, status.headers.range]).toEqual([204, '0-3']);
      const digest = digestOf(Buffer.from('abcdefgh'));
      const last = await chunked(host, 'PATCH', location(status), 'efgh', '4-7');
      expect((await call(host, 'PUT', withQuery(location(last), { digest }))).status).toBe(201);
    },
    'chunk-ranges',
  );

  check(
    'a last chunk out of order, or with another length than its range, is refused',
    async ({ host, repository }) => {
      const path = await beginUpload(host, repository);
      const sent = location(await chunked(host, 'PATCH', path, 'abcd', '0-3'));
      const digest = digestOf(Buffer.from('abcdefgh'));
      const early = await chunked(host, 'PUT', withQuery(sent, { digest }), 'efgh', '5-8');
      expect(early.status).toBe(416);
      const long = await chunked(host, 'PUT', withQuery(sent, { digest }), 'efgh', '4-8');
      expect([long.status, errorCode(long)]).toEqual([400, 'SIZE_INVALID']);
      const closed = await chunked(host, 'PUT', withQuery(sent, { digest }), 'efgh', '4-7');
      expect(closed.status).toBe(201);
    },
    'chunk-ranges',
  );

  check('bytes with another digest are refused, and not stored', async ({ host, repository }) => {
    const { digest } = layer('what was meant').descriptor;
    const path = withQuery(await beginUpload(host, repository), { digest });
    const body = Buffer.from('what was sent');
    const refused = await call(host, 'PUT', path, { headers: stream, body });
    expect([refused.status, errorCode(refused)]).toEqual([400, 'DIGEST_INVALID']);
    expect((await call(host, 'GET', `/v2/${repository}/blobs/${digest}`)).status).toBe(404);
  });

  check('something that is no digest is refused', async ({ host, repository }) => {
    for (const digest of ['sha256:abc', 'sha256', 'md5:d41d8cd98f00b204e9800998ecf8427e', '']) {
      const path = withQuery(await beginUpload(host, repository), { digest });
      const refused = await call(host, 'PUT', path, { headers: stream, body: Buffer.from('x') });
      expect([refused.status, errorCode(refused)]).toEqual([400, 'DIGEST_INVALID']);
    }
  });

  check('a blob may be named by its sha512', async ({ host, repository }) => {
    const bytes = Buffer.from('longer digest');
    const digest = `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
    const path = withQuery(await beginUpload(host, repository), { digest });
    expect((await call(host, 'PUT', path, { headers: stream, body: bytes })).status).toBe(201);
    const got = await call(host, 'GET', `/v2/${repository}/blobs/${digest}`);
    expect([got.status, got.body.toString()]).toEqual([200, 'longer digest']);
  });

  check('an upload that nobody began is unknown', async ({ host, repository }) => {
    const path = `/v2/${repository}/blobs/uploads/00000000-0000-4000-8000-000000000000`;
    expect((await call(host, 'GET', path)).status).toBe(404);
  });

  check('an upload can be cancelled', async ({ host, repository }) => {
    const path = await beginUpload(host, repository);
    expect((await call(host, 'DELETE', path)).status).toBe(204);
    expect((await call(host, 'GET', path)).status).toBe(404);
  });
}

async function chunked(
  host: string,
  method: 'PATCH' | 'PUT',
  path: string,
  text: string,
  range: string,
): Promise<Reply> {
  const headers = { ...stream, 'content-range': range };
  return call(host, method, path, { headers, body: Buffer.from(text) });
}
