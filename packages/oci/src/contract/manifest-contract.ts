import { describe, expect, test } from 'vitest';

import { descriptorOf, mediaType, type Repository } from '../index.js';
import {
  gathered,
  pushImage,
  sampleDockerImage,
  sampleImage,
  sampleIndex,
  sampleReferrer,
} from './samples.js';

export function manifestContract(open: () => Promise<Repository>): void {
  describe('its manifests', () => {
    test('come back byte for byte, by digest', async () => {
      const repository = await open();
      const image = sampleImage('exact');
      await pushImage(repository, image);
      const { manifests } = repository;
      expect(await manifests.resolve(image.descriptor.digest)).toEqual(image.descriptor);
      const bytes = await manifests.fetch(image.descriptor);
      expect(Buffer.compare(bytes, image.bytes)).toBe(0);
      expect(await gathered(manifests.tags())).toEqual([]);
    });

    test('stay what was pushed when its buffer is used again', async () => {
      const repository = await open();
      const { manifests } = repository;
      const image = sampleImage('a buffer that is used again');
      const pushed = Buffer.from(image.bytes);
      await pushImage(repository, { ...image, bytes: pushed });
      pushed.fill(0);
      (await manifests.fetch(image.descriptor)).fill(0);
      // A tag may be written from bytes that were kept.
      await manifests.tag(image.descriptor, 'kept');
      expect(await manifests.resolve('kept')).toEqual(image.descriptor);
      expect(Buffer.compare(await manifests.fetch(image.descriptor), image.bytes)).toBe(0);
    });

    test('may be indexes of others', async () => {
      const repository = await open();
      const images = [sampleImage('one'), sampleImage('two')];
      for (const image of images) await pushImage(repository, image);
      const index = sampleIndex(images);
      await repository.manifests.push(index.descriptor, index.bytes);
      expect(await repository.manifests.resolve(index.descriptor.digest)).toEqual(index.descriptor);
      expect(Buffer.compare(await repository.manifests.fetch(index.descriptor), index.bytes)).toBe(
        0,
      );
    });

    test("may be Docker's", async () => {
      const repository = await open();
      const image = sampleDockerImage('docker');
      await pushImage(repository, image);
      const list = sampleIndex([image], mediaType.dockerManifestList);
      await repository.manifests.push(list.descriptor, list.bytes);
      for (const { descriptor, bytes } of [image, list]) {
        expect(await repository.manifests.resolve(descriptor.digest)).toEqual(descriptor);
        expect(Buffer.compare(await repository.manifests.fetch(descriptor), bytes)).toBe(0);
      }
    });

    test('may be pushed again, and at the same time', async () => {
      const repository = await open();
      const image = sampleImage('often');
      await Promise.all([1, 2, 3].map(() => pushImage(repository, image)));
      await pushImage(repository, image);
      expect(await repository.manifests.resolve(image.descriptor.digest)).toEqual(image.descriptor);
    });

    test('are not there before they are pushed', async () => {
      const { manifests } = await open();
      const { descriptor } = sampleImage('absent');
      expect(await manifests.resolve(descriptor.digest)).toBeUndefined();
      expect(await manifests.resolve('absent')).toBeUndefined();
      await expect(manifests.fetch(descriptor)).rejects.toMatchObject({ code: 'not-found' });
      await expect(manifests.tag(descriptor, 'absent')).rejects.toMatchObject({
        code: 'not-found',
      });
      expect(await gathered(manifests.tags())).toEqual([]);
    });

    test("are refused when they are not the descriptor's bytes", async () => {
      const { manifests } = await open();
      const { descriptor, bytes } = sampleImage('expected');
      const others = [sampleImage('another!').bytes, bytes.subarray(1), new Uint8Array()];
      for (const other of others) {
        await expect(manifests.push(descriptor, other)).rejects.toMatchObject({
          code: 'content-mismatch',
        });
      }
      expect(await manifests.resolve(descriptor.digest)).toBeUndefined();
    });

    test('are refused when they are not of the type they are pushed as', async () => {
      const { manifests } = await open();
      const { descriptor, bytes } = sampleImage('image');
      const other = { ...descriptor, mediaType: mediaType.ociIndex };
      await expect(manifests.push(other, bytes)).rejects.toThrow();
      expect(await manifests.resolve(descriptor.digest)).toBeUndefined();
    });

    test('are left alone by operations that are aborted', async () => {
      const repository = await open();
      const image = sampleImage('aborted');
      await pushImage(repository, image);
      const { manifests } = repository;
      const options = { signal: AbortSignal.abort(new Error('enough')) };
      await expect(manifests.tag(image.descriptor, 'never', options)).rejects.toThrow();
      await expect(manifests.push(image.descriptor, image.bytes, options)).rejects.toThrow();
      await expect(manifests.resolve('never', options)).rejects.toThrow();
      await expect(manifests.fetch(image.descriptor, options)).rejects.toThrow();
      await expect(gathered(manifests.tags(options))).rejects.toThrow();
      expect(await manifests.resolve('never')).toBeUndefined();
    });
  });

  describe('its referrers', () => {
    test('are the manifests with that subject, with their artifact type and annotations', async () => {
      const repository = await open();
      const subject = sampleImage('subject');
      const signature = sampleReferrer(subject.descriptor, {
        artifactType: 'application/vnd.example.signature.v1',
        annotations: { 'org.example.kind': 'signature' },
      });
      const bare = sampleReferrer(subject.descriptor, {});
      const elsewhere = sampleReferrer(sampleImage('other').descriptor, {});
      for (const image of [subject, signature, bare, elsewhere]) await pushImage(repository, image);

      const found = await gathered(repository.manifests.referrers(subject.descriptor));
      expect(found).toHaveLength(2);
      expect(found).toContainEqual({
        ...signature.descriptor,
        artifactType: 'application/vnd.example.signature.v1',
        annotations: { 'org.example.kind': 'signature' },
      });
      expect(found).toContainEqual({ ...bare.descriptor, artifactType: mediaType.ociEmpty });
    });

    test('may be there before their subject', async () => {
      const repository = await open();
      const subject = sampleImage('late');
      const referrer = sampleReferrer(subject.descriptor, { artifactType: 'application/x.early' });
      await pushImage(repository, referrer);
      await pushImage(repository, subject);
      const found = await gathered(repository.manifests.referrers(subject.descriptor));
      expect(found.map(({ digest }) => digest)).toEqual([referrer.descriptor.digest]);
    });

    test('are none for what nobody refers to', async () => {
      const { manifests } = await open();
      const nothing = descriptorOf(mediaType.ociManifest, Buffer.from('nothing'));
      expect(await gathered(manifests.referrers(nothing))).toEqual([]);
    });
  });
}
