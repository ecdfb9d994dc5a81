import { expect } from 'vitest';

import { mediaType } from '@teleport-plugins/oci';

import {
  image,
  index,
  piece,
  pullManifest,
  pushBlob,
  pushImage,
  pushManifest,
} from '../content.js';
import { errorCode, type Check } from './check.js';

/** Nothing is stored that is not whole and unambiguous. */
export function manifestRefusalTests(check: Check): void {
  check('a manifest is refused while its blobs are missing', async ({ host, repository }) => {
    const { manifest, config, layers } = image('incomplete');
    for (const blob of [config, layers[0]!]) await pushBlob(host, repository, blob);
    const refused = await pushManifest(host, repository, manifest, 'v1');
    expect(refused.status).toBe(400);
    expect(['MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN']).toContain(errorCode(refused));
    expect((await pullManifest(host, repository, 'v1')).status).toBe(404);
    await pushBlob(host, repository, layers[1]!);
    expect((await pushManifest(host, repository, manifest, 'v1')).status).toBe(201);
  });

  check('an index is refused while its manifests are missing', async ({ host, repository }) => {
    const one = image('one');
    const other = image('other');
    await pushImage(host, repository, one);
    const list = index([one.manifest.descriptor, other.manifest.descriptor]);
    expect((await pushManifest(host, repository, list, 'v1')).status).toBe(400);
    await pushImage(host, repository, other);
    expect((await pushManifest(host, repository, list, 'v1')).status).toBe(201);
  });

  check(
    'a manifest is refused whose descriptors have other sizes than what they name',
    async ({ host, repository }) => {
      const { config, layers } = image('wrong size');
      for (const blob of [config, ...layers]) await pushBlob(host, repository, blob);
      const manifest = piece(
        mediaType.ociManifest,
        JSON.stringify({
          schemaVersion: 2,
          mediaType: mediaType.ociManifest,
          config: config.descriptor,
          layers: [{ ...layers[0]!.descriptor, size: 1 }],
        }),
      );
      const refused = await pushManifest(host, repository, manifest);
      expect([refused.status, errorCode(refused)]).toEqual([400, 'MANIFEST_INVALID']);
    },
    'child-sizes',
  );

  check('a manifest with another digest than its address is refused', async (subject) => {
    const { host, repository } = subject;
    const one = image('one');
    const other = image('other');
    await pushImage(host, repository, one);
    const { digest } = other.manifest.descriptor;
    const refused = await pushManifest(host, repository, one.manifest, digest);
    expect([refused.status, errorCode(refused)]).toEqual([400, 'DIGEST_INVALID']);
  });

  check(
    'what is no manifest is refused',
    async ({ host, repository }) => {
      for (const text of ['', '{', 'null', '[]', '"text"', '{"schemaVersion":2}']) {
        const garbage = piece(mediaType.ociManifest, text);
        const refused = await pushManifest(host, repository, garbage, 'v1');
        expect([refused.status, errorCode(refused)]).toEqual([400, 'MANIFEST_INVALID']);
      }
    },
    'manifest-strictness',
  );

  check(
    'a manifest is refused that two readers could understand differently',
    async ({ host, repository }) => {
      const { manifest, config, layers } = image('ambiguous');
      for (const blob of [config, ...layers]) await pushBlob(host, repository, blob);
      const text = Buffer.from(manifest.bytes).toString();
      for (const [type, bytes] of [
        [mediaType.dockerManifest, text],
        [mediaType.ociIndex, text],
        [mediaType.ociManifest, text.replace('{', '{"manifests":[],')],
        [mediaType.ociManifest, text.replace('{', '{"layers":[],')],
        [mediaType.ociManifest, text.replace('"layers"', '"Layers"')],
      ] as const) {
        const refused = await pushManifest(host, repository, piece(type, bytes));
        expect([refused.status, errorCode(refused)]).toEqual([400, 'MANIFEST_INVALID']);
      }
    },
    'manifest-strictness',
  );

  check(
    'a manifest of 4 MiB is accepted, a larger one refused with 413',
    async ({ host, repository }) => {
      const { config, layers } = image('large');
      for (const blob of [config, ...layers]) await pushBlob(host, repository, blob);
      const sized = (size: number) => {
        const text = Buffer.from(image('large').manifest.bytes).toString();
        return piece(mediaType.ociManifest, text.padEnd(size));
      };
      const limit = 4 * 1024 * 1024;
      expect((await pushManifest(host, repository, sized(limit), 'v1')).status).toBe(201);
      const refused = await pushManifest(host, repository, sized(limit + 1), 'v2');
      expect(refused.status).toBe(413);
    },
    'manifest-limit',
  );
}
