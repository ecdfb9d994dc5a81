import { expect } from 'vitest';

import { digestOf, mediaType, type Descriptor } from '@teleport-plugins/oci';

import { image, index, pushImage, pushManifest, withQuery } from '../content.js';
import { call } from '../http.js';
import type { Check } from './check.js';

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers */
export function referrerTests(check: Check): void {
  check(
    'what refers to nothing that is known is an empty list',
    async ({ host, repository }) => {
      const nobody = digestOf(Buffer.from('nobody'));
      await pushImage(host, repository, image('unsigned'), 'v1');
      expect(await referrers(host, repository, nobody)).toEqual([]);
      expect(await referrers(host, `${repository}/none`, nobody)).toEqual([]);
    },
    'referrers',
  );

  check(
    'the manifests and indexes with a subject are listed with their types and annotations',
    async ({ host, repository }) => {
      const subject = image('subject');
      await pushImage(host, repository, subject, 'v1');
      const { signature, sbom, list } = signed(subject.manifest.descriptor);
      for (const each of [signature, sbom]) {
        const pushed = await pushImage(host, repository, each);
        expect(pushed.headers['oci-subject']).toBe(subject.manifest.descriptor.digest);
      }
      const pushed = await pushManifest(host, repository, list);
      expect(pushed.headers['oci-subject']).toBe(subject.manifest.descriptor.digest);
      const found = await referrers(host, repository, subject.manifest.descriptor.digest);
      expect(sorted(found)).toEqual(
        sorted([
          {
            ...signature.manifest.descriptor,
            artifactType: 'application/vnd.example.signature',
            annotations: { 'org.example.key': 'one' },
          },
          { ...sbom.manifest.descriptor, artifactType: mediaType.ociConfig },
          { ...list.descriptor, annotations: { 'org.example.key': 'two' } },
        ]),
      );
    },
    'referrers',
  );

  check(
    'they can be asked for by type',
    async ({ host, repository }) => {
      const subject = image('subject').manifest.descriptor;
      const { signature, sbom } = signed(subject);
      for (const each of [signature, sbom]) await pushImage(host, repository, each);
      const path = withQuery(`/v2/${repository}/referrers/${subject.digest}`, {
        artifactType: 'application/vnd.example.signature',
      });
      const reply = await call(host, 'GET', path);
      expect(reply.headers['oci-filters-applied']).toBe('artifactType');
      const { manifests } = reply.json() as { manifests: readonly Descriptor[] };
      expect(manifests.map(({ digest }) => digest)).toEqual([signature.manifest.descriptor.digest]);
    },
    'referrers',
  );

  check('a manifest may come before its subject', async ({ host, repository }) => {
    const { signature } = signed(image('later').manifest.descriptor);
    expect((await pushImage(host, repository, signature)).status).toBe(201);
  });

  check(
    'one that is deleted is listed no more, and listed again when it is pushed again',
    async ({ host, repository }) => {
      const { descriptor } = image('subject').manifest;
      const { signature } = signed(descriptor);
      const { digest } = signature.manifest.descriptor;
      for (const expected of [[], [digest], [], [digest]]) {
        const found = await referrers(host, repository, descriptor.digest);
        expect(found.map((each) => each.digest)).toEqual(expected);
        if (expected.length === 0) await pushImage(host, repository, signature);
        else await call(host, 'DELETE', `/v2/${repository}/manifests/${digest}`);
      }
    },
    'referrers',
  );

  check('of something that is no digest there are none', async ({ host, repository }) => {
    await pushImage(host, repository, image('some'), 'v1');
    for (const wrong of ['v1', 'sha256:abc']) {
      const reply = await call(host, 'GET', `/v2/${repository}/referrers/${wrong}`);
      expect([400, 404]).toContain(reply.status);
    }
  });
}

function signed(subject: Descriptor) {
  return {
    signature: image('signature', {
      subject,
      artifactType: 'application/vnd.example.signature',
      annotations: { 'org.example.key': 'one' },
    }),
    sbom: image('sbom', { subject }),
    list: index([], { subject, annotations: { 'org.example.key': 'two' } }),
  };
}

async function referrers(
  host: string,
  repository: string,
  digest: string,
): Promise<readonly Descriptor[]> {
  const reply = await call(host, 'GET', `/v2/${repository}/referrers/${digest}`);
  expect([reply.status, reply.headers['content-type']]).toEqual([200, mediaType.ociIndex]);
  const answer = reply.json() as Record<string, unknown>;
  expect(answer).toMatchObject({ schemaVersion: 2, mediaType: mediaType.ociIndex });
  return answer.manifests as readonly Descriptor[];
}

function sorted(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  return descriptors.toSorted((one, other) => (one.digest < other.digest ? -1 : 1));
}
