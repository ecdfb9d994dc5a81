import { expect } from 'vitest';

import { layer, location, pushBlob, withQuery } from '../content.js';
import { call } from '../http.js';
import type { Check } from './check.js';

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#mounting-a-blob-from-another-repository */
export function mountTests(check: Check): void {
  check('a blob is mounted from another repository', async ({ host, repository }) => {
    const blob = layer('shared');
    await pushBlob(host, `${repository}/from`, blob);
    const query = { mount: blob.descriptor.digest, from: `${repository}/from` };
    const path = withQuery(`/v2/${repository}/to/blobs/uploads/`, query);
    const mounted = await call(host, 'POST', path);
    expect(mounted.status).toBe(201);
    expect(location(mounted)).toBe(`/v2/${repository}/to/blobs/${blob.descriptor.digest}`);
    expect((await call(host, 'GET', location(mounted))).body).toEqual(blob.bytes);
  });

  check('what cannot be mounted is uploaded', async ({ host, repository }) => {
    const blob = layer('in no repository');
    for (const from of [{}, { from: `${repository}/none` }]) {
      const query = { mount: blob.descriptor.digest, ...from };
      const path = withQuery(`/v2/${repository}/blobs/uploads/`, query);
      const begun = await call(host, 'POST', path);
      expect(begun.status).toBe(202);
      const { digest } = blob.descriptor;
      const target = withQuery(location(begun), { digest });
      const pushed = await call(host, 'PUT', target, { body: blob.bytes });
      expect(pushed.status).toBe(201);
      await call(host, 'DELETE', location(pushed));
    }
  });

  check(
    'a blob is mounted from whichever repository has it',
    async ({ host, repository }) => {
      const blob = layer(`anywhere but in ${repository}`);
      await pushBlob(host, `${repository}/from`, blob);
      const query = { mount: blob.descriptor.digest };
      const mounted = await call(
        host,
        'POST',
        withQuery(`/v2/${repository}/blobs/uploads/`, query),
      );
      expect(mounted.status).toBe(201);
    },
    'mount-without-source',
  );
}
