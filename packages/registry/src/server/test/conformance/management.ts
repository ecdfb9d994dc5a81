import { expect } from 'vitest';

import { digestOf } from '@teleport-plugins/oci';

import { image, layer, pullManifest, pushBlob, pushImage, pushManifest } from '../content.js';
import { call } from '../http.js';
import { errorCode, type Check } from './check.js';

const nobody = digestOf(Buffer.from('nobody pushed this'));

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#content-management */
export function managementTests(check: Check): void {
  check(
    'a tag is deleted, its manifest stays',
    async ({ host, repository }) => {
      const { manifest, ...blobs } = image('untagged');
      await pushImage(host, repository, { manifest, ...blobs }, 'v1');
      const path = `/v2/${repository}/manifests/`;
      expect((await call(host, 'DELETE', `${path}v1`)).status).toBe(202);
      expect((await pullManifest(host, repository, 'v1')).status).toBe(404);
      expect((await call(host, 'DELETE', `${path}v1`)).status).toBe(404);
      expect((await pullManifest(host, repository, manifest.descriptor.digest)).status).toBe(200);
    },
    'tag-deletion',
  );

  check('a manifest is deleted with the tags that name it', async ({ host, repository }) => {
    const { manifest, ...blobs } = image('deleted');
    await pushImage(host, repository, { manifest, ...blobs }, 'v1');
    await pushManifest(host, repository, manifest, 'v2');
    await pushImage(host, repository, image('kept'), 'v3');
    const path = `/v2/${repository}/manifests/`;
    const { digest } = manifest.descriptor;
    expect((await call(host, 'DELETE', `${path}${digest}`)).status).toBe(202);
    for (const reference of [digest, 'v1', 'v2']) {
      expect((await pullManifest(host, repository, reference)).status).toBe(404);
    }
    const list = await call(host, 'GET', `/v2/${repository}/tags/list`);
    expect(list.json()).toEqual({ name: repository, tags: ['v3'] });
    expect((await pullManifest(host, repository, 'v3')).status).toBe(200);
  });

  check('a deleted manifest can be pushed again', async ({ host, repository }) => {
    const pushed = image('again');
    await pushImage(host, repository, pushed, 'v1');
    const { digest } = pushed.manifest.descriptor;
    await call(host, 'DELETE', `/v2/${repository}/manifests/${digest}`);
    expect((await pushManifest(host, repository, pushed.manifest, 'v1')).status).toBe(201);
    expect((await pullManifest(host, repository, 'v1')).status).toBe(200);
  });

  check('a blob is deleted, from its repository only', async ({ host, repository }) => {
    const blob = layer('deleted here');
    const path = (name: string) => `/v2/${repository}/${name}/blobs/${blob.descriptor.digest}`;
    for (const name of ['here', 'there']) await pushBlob(host, `${repository}/${name}`, blob);
    expect((await call(host, 'DELETE', path('here'))).status).toBe(202);
    expect((await call(host, 'GET', path('here'))).status).toBe(404);
    expect((await call(host, 'GET', path('there'))).body).toEqual(blob.bytes);
    expect((await pushBlob(host, `${repository}/here`, blob)).status).toBe(201);
    expect((await call(host, 'GET', path('here'))).body).toEqual(blob.bytes);
  });

  check('what is not there cannot be deleted', async ({ host, repository }) => {
    await pushImage(host, repository, image('other'), 'v1');
    const manifest = await call(host, 'DELETE', `/v2/${repository}/manifests/${nobody}`);
    expect([manifest.status, errorCode(manifest)]).toEqual([404, 'MANIFEST_UNKNOWN']);
    const blob = await call(host, 'DELETE', `/v2/${repository}/blobs/${nobody}`);
    expect([blob.status, errorCode(blob)]).toEqual([404, 'BLOB_UNKNOWN']);
  });
}
