import { describe, expect, test } from 'vitest';

import type { Repository } from '../index.js';
import { gathered, pushImage, sampleImage, sampleIndex } from './samples.js';

export function tagContract(
  open: () => Promise<Repository>,
  options: { readonly exclusiveTags: boolean },
): void {
  describe('its tags', () => {
    test('lead to manifests, and are listed in order', async () => {
      const repository = await open();
      const { manifests } = repository;
      const image = sampleImage('tagged');
      const index = sampleIndex([image]);
      await pushImage(repository, image);
      await manifests.push(index.descriptor, index.bytes);
      await manifests.tag(index.descriptor, 'latest');
      await manifests.tag(image.descriptor, '9.3.7');
      await manifests.tag(index.descriptor, '10.0.0');
      expect(await manifests.resolve('latest')).toEqual(index.descriptor);
      expect(await manifests.resolve('9.3.7')).toEqual(image.descriptor);
      expect(await gathered(manifests.tags())).toEqual(['10.0.0', '9.3.7', 'latest']);
    });

    test('move when told to, and what they were on stays', async () => {
      const repository = await open();
      const { manifests } = repository;
      const [before, after] = [sampleImage('before'), sampleImage('after')];
      await pushImage(repository, before);
      await pushImage(repository, after);
      await manifests.tag(before.descriptor, 'latest');
      await manifests.tag(before.descriptor, 'latest');
      expect(await manifests.resolve('latest')).toEqual(before.descriptor);
      await manifests.tag(after.descriptor, 'latest');
      expect(await manifests.resolve('latest')).toEqual(after.descriptor);
      expect(await manifests.resolve(before.descriptor.digest)).toEqual(before.descriptor);
      expect(await gathered(manifests.tags())).toEqual(['latest']);
    });

    test('may be many, written at the same time', async () => {
      const repository = await open();
      const image = sampleImage('popular');
      await pushImage(repository, image);
      const tags = Array.from({ length: 12 }, (_, number) => `1.0.${number + 10}`);
      await Promise.all(tags.map((tag) => repository.manifests.tag(image.descriptor, tag)));
      expect(await gathered(repository.manifests.tags())).toEqual(tags);
    });

    test('are refused when they are not well-formed', async () => {
      const repository = await open();
      const image = sampleImage('image');
      await pushImage(repository, image);
      for (const tag of ['', '.hidden', 'with space', '../up', 'x'.repeat(129)]) {
        await expect(repository.manifests.tag(image.descriptor, tag)).rejects.toThrow();
      }
      expect(await gathered(repository.manifests.tags())).toEqual([]);
    });

    test.runIf(options.exclusiveTags)('do not move when written exclusively', async () => {
      const repository = await open();
      const { manifests } = repository;
      const images = ['a', 'b', 'c', 'd'].map((text) => sampleImage(text));
      for (const image of images) await pushImage(repository, image);
      const writes = await Promise.allSettled(
        images.map(({ descriptor }) => manifests.tag(descriptor, '1.0.0', { exclusive: true })),
      );
      const winners = images.filter((_, position) => writes[position]?.status === 'fulfilled');
      const [winner] = winners;
      expect(winners).toHaveLength(1);
      expect(await manifests.resolve('1.0.0')).toEqual(winner?.descriptor);
      for (const write of writes) {
        if (write.status === 'rejected') expect(write.reason).toMatchObject({ code: 'tag-exists' });
      }
      if (winner) await manifests.tag(winner.descriptor, '1.0.0', { exclusive: true });
    });
  });
}
