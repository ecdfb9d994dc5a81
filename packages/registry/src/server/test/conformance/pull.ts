import { expect } from 'vitest';

import { digestOf, mediaType } from '@teleport-plugins/oci';

import {
  image,
  index,
  layer,
  piece,
  pullManifest,
  pushBlob,
  pushImage,
  pushManifest,
} from '../content.js';
import { call } from '../http.js';
import { errorCode, type Check } from './check.js';

const nobody = digestOf(Buffer.from('nobody pushed this'));

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull */
export function pullTests(check: Check): void {
  check('says that it speaks the protocol', async ({ host }) => {
    expect((await call(host, 'GET', '/v2/')).status).toBe(200);
  });

  check('a blob that is not there is unknown', async ({ host, repository }) => {
    for (const method of ['GET', 'HEAD']) {
      const reply = await call(host, method, `/v2/${repository}/blobs/${nobody}`);
      expect(reply.status).toBe(404);
      if (method === 'GET') expect(errorCode(reply)).toBe('BLOB_UNKNOWN');
    }
  });

  check('a blob comes as it was pushed', async ({ host, repository }) => {
    const blob = layer('some bytes');
    await pushBlob(host, repository, blob);
    const path = `/v2/${repository}/blobs/${blob.descriptor.digest}`;
    const got = await call(host, 'GET', path);
    expect(got.status).toBe(200);
    expect(got.body).toEqual(blob.bytes);
    const head = await call(host, 'HEAD', path);
    expect(head.status).toBe(200);
    expect(head.body).toHaveLength(0);
    for (const { headers } of [got, head]) {
      expect(headers['docker-content-digest']).toBe(blob.descriptor.digest);
      expect(headers['content-length']).toBe(String(blob.bytes.length));
    }
  });

  check('an empty blob is a blob', async ({ host, repository }) => {
    const blob = layer('');
    expect((await pushBlob(host, repository, blob)).status).toBe(201);
    const got = await call(host, 'GET', `/v2/${repository}/blobs/${blob.descriptor.digest}`);
    expect([got.status, got.body.length]).toEqual([200, 0]);
  });

  check(
    'a blob belongs to the repositories it was pushed to only',
    async ({ host, repository }) => {
      const blob = layer('mine');
      await pushBlob(host, repository, blob);
      const elsewhere = `/v2/${repository}/elsewhere/blobs/${blob.descriptor.digest}`;
      expect((await call(host, 'GET', elsewhere)).status).toBe(404);
    },
  );

  for (const [range, status, expected, contentRange] of [
    ['bytes=2-4', 206, 'cde', 'bytes 2-4/10'],
    ['bytes=7-', 206, 'hij', 'bytes 7-9/10'],
    ['bytes=7-99', 206, 'hij', 'bytes 7-9/10'],
    ['bytes=-3', 206, 'hij', 'bytes 7-9/10'],
    ['bytes=0-0', 206, 'a', 'bytes 0-0/10'],
  ] as const) {
    check(`of a blob ${range} can be had alone`, async ({ host, repository }) => {
      const blob = layer('abcdefghij');
      await pushBlob(host, repository, blob);
      const path = `/v2/${repository}/blobs/${blob.descriptor.digest}`;
      const got = await call(host, 'GET', path, { headers: { range } });
      expect(got.status).toBe(status);
      expect(got.body.toString()).toBe(expected);
      expect(got.headers['content-range']).toBe(contentRange);
    });
  }

  check(
    'a range behind the end of a blob is refused',
    async ({ host, repository }) => {
      const blob = layer('abcdefghij');
      await pushBlob(host, repository, blob);
      const path = `/v2/${repository}/blobs/${blob.descriptor.digest}`;
      const got = await call(host, 'GET', path, { headers: { range: 'bytes=10-' } });
      expect([got.status, got.headers['content-range']]).toEqual([416, 'bytes */10']);
    },
    'range-refusal',
  );

  check('who has a blob already is not sent it again', async ({ host, repository }) => {
    const blob = layer('unchanged');
    await pushBlob(host, repository, blob);
    const path = `/v2/${repository}/blobs/${blob.descriptor.digest}`;
    const { etag = '' } = (await call(host, 'GET', path)).headers;
    const again = await call(host, 'GET', path, { headers: { 'if-none-match': etag } });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  check('a manifest that is not there is unknown', async ({ host, repository }) => {
    for (const reference of [nobody, 'nobody', '.INVALID']) {
      const path = `/v2/${repository}/manifests/${reference}`;
      expect((await call(host, 'GET', path)).status).toBe(404);
      expect((await call(host, 'HEAD', path)).status).toBe(404);
    }
    const reply = await call(host, 'GET', `/v2/${repository}/manifests/${nobody}`);
    expect(errorCode(reply)).toBe('MANIFEST_UNKNOWN');
  });

  check('a manifest comes as it was pushed, by digest and by tag', async ({ host, repository }) => {
    const { manifest, ...blobs } = image('pulled');
    await pushImage(host, repository, { manifest, ...blobs }, 'v1');
    for (const reference of [manifest.descriptor.digest, 'v1']) {
      const got = await pullManifest(host, repository, reference);
      expect(got.status).toBe(200);
      expect(got.body).toEqual(manifest.bytes);
      const head = await pullManifest(host, repository, reference, 'HEAD');
      expect([head.status, head.body.length]).toEqual([200, 0]);
      for (const { headers: found } of [got, head]) {
        expect(found['content-type']).toBe(manifest.descriptor.mediaType);
        expect(found['docker-content-digest']).toBe(manifest.descriptor.digest);
        expect(found['content-length']).toBe(String(manifest.bytes.length));
      }
    }
  });

  check('odd white space and members of a manifest are kept', async ({ host, repository }) => {
    const { config, layers } = image('odd');
    for (const blob of [config, ...layers]) await pushBlob(host, repository, blob);
    const text = JSON.stringify(
      {
        'x-odd': [1.5e3, 'ü\u2028'],
        layers: layers.map((each) => each.descriptor),
        config: config.descriptor,
        mediaType: mediaType.ociManifest,
        schemaVersion: 2,
      },
      null,
      '\t ',
    );
    const manifest = piece(mediaType.ociManifest, `${text}\n\n`);
    expect((await pushManifest(host, repository, manifest, 'odd')).status).toBe(201);
    const got = await pullManifest(host, repository, 'odd');
    expect(got.body).toEqual(manifest.bytes);
  });

  check('an index comes as it was pushed', async ({ host, repository }) => {
    const { manifest, ...blobs } = image('of an index');
    await pushImage(host, repository, { manifest, ...blobs });
    const list = index([manifest.descriptor]);
    expect((await pushManifest(host, repository, list, 'list')).status).toBe(201);
    const got = await pullManifest(host, repository, 'list');
    expect(got.headers['content-type']).toBe(mediaType.ociIndex);
    expect(got.body).toEqual(list.bytes);
  });
}
