import { createLayout, type Repository } from '@teleport-plugins/oci';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { copyGraph } from './copy.js';
import { moveTag, tagOnce } from './tags.js';
import { partsIn, partsOf, store, testImage, testIndex, type TestImage } from './test/images.js';
import { served, type Served } from './test/served.js';
import { verifyCopied } from './verify.js';

const base = ['base 1', 'base 2', 'base 3', 'base 4'];

/** 2 platforms with 5 layers each: 3 manifests, 12 blobs. */
const image = released('9.3.7');

describe('the requests of a copy between registries', () => {
  test('when nothing is there: each part is read once, and each blob asked for once', async () => {
    const [staging, publicly] = [await holding(image), await served()];
    const to = publicly.registry.repository('gravitational/plugin');

    await copyGraph(staging.repository, to, image.root);

    expect(staging.count()).toEqual({ 'GET manifests': 3, 'GET blobs': 12 });
    expect(publicly.count()).toEqual({
      'HEAD manifests': 1,
      'HEAD blobs': 12,
      'POST uploads': 12,
      'PUT uploads': 12,
      'PUT manifests': 3,
    });
  });

  test('when the layers of the base are there: only the rest moves', async () => {
    const [staging, publicly] = [await holding(image), await served()];
    const to = publicly.registry.repository('gravitational/plugin');
    await store(released('9.3.6'), to);
    publicly.count();

    await copyGraph(staging.repository, to, image.root);

    expect(staging.count()).toEqual({ 'GET manifests': 3, 'GET blobs': 4 });
    expect(publicly.count()).toEqual({
      'HEAD manifests': 1,
      'HEAD blobs': 12,
      'POST uploads': 4,
      'PUT uploads': 4,
      'PUT manifests': 3,
    });
  });

  test('within one registry: blobs are mounted, not asked for', async () => {
    const staging = await holding(image);
    const to = staging.registry.repository('gravitational/other');
    await copyGraph(staging.repository, to, image.root, { mountFrom: 'gravitational/plugin' });
    expect(staging.count()).toEqual({
      'GET manifests': 3,
      'HEAD manifests': 1,
      'POST uploads': 12,
      'PUT manifests': 3,
    });
    expect(await partsIn(to, image)).toEqual(partsOf(image));
  });

  test('when everything is there: nothing is written', async () => {
    const [staging, publicly] = [await holding(image), await served()];
    const to = publicly.registry.repository('gravitational/plugin');
    await store(image, to);
    publicly.count();
    await copyGraph(staging.repository, to, image.root);
    expect(staging.count()).toEqual({ 'GET manifests': 3 });
    expect(publicly.count()).toEqual({ 'HEAD manifests': 3, 'HEAD blobs': 12 });
  });

  test('a tag costs a look, a write and a look; when it is there, a look', async () => {
    const { repository, count } = await holding(image);
    await tagOnce(repository, image.root, '9.3.7');
    expect(count()).toEqual({ 'HEAD manifests': 2, 'PUT manifests': 1 });
    await tagOnce(repository, image.root, '9.3.7');
    expect(count()).toEqual({ 'HEAD manifests': 1 });
    await moveTag(repository, image.root, '9.3');
    expect(count()).toEqual({ 'HEAD manifests': 2, 'PUT manifests': 1 });
  });

  test('reading the copy again costs one for each part', async () => {
    const { repository, count } = await holding(image);
    await verifyCopied(repository, image.root);
    expect(count()).toEqual({ 'GET manifests': 3, 'HEAD blobs': 12 });
  });
});

describe('registries and layouts', () => {
  test('hold the same bytes after a copy from each to each', async () => {
    const staging = await holding(image);
    const layout = await createLayout(await temporaryDirectory());
    const back = (await served()).registry.repository('back');
    const memoryOf = async (repository: Repository) =>
      Promise.all(
        [...image.manifests.values()].map(async ({ descriptor }) =>
          Buffer.from(await repository.manifests.fetch(descriptor)).toString(),
        ),
      );

    await copyGraph(staging.repository, layout, image.root);
    await copyGraph(layout, back, image.root);

    await verifyCopied(back, image.root);
    const original = [...image.manifests.values()].map(({ bytes }) =>
      Buffer.from(bytes).toString(),
    );
    expect(await memoryOf(layout)).toEqual(original);
    expect(await memoryOf(back)).toEqual(original);
  });

  test('copy referrers with what they refer to', async () => {
    const sbom = testImage(['sbom'], {
      subject: image.root,
      artifactType: 'application/spdx+json',
    });
    const staging = await holding(image);
    await store(sbom, staging.repository);
    const to = (await served()).registry.repository('to');
    await copyGraph(staging.repository, to, image.root, { referrers: ['application/spdx+json'] });
    const listed = [];
    for await (const referrer of to.manifests.referrers(image.root)) listed.push(referrer.digest);
    expect(listed).toEqual([sbom.root.digest]);
  });
});

describe('several steps at once', () => {
  test.each(['two registries', 'one registry'])(
    'more transfers than there are connections do not wait for each other for ever: %s',
    async (registries) => {
      const staging = await served({ connections: 1 });
      const publicly = registries === 'one registry' ? staging : await served({ connections: 1 });
      const from = staging.registry.repository('from');
      const to = publicly.registry.repository('to');
      // Above what the client holds in memory: these are streams from one connection to another.
      const layers = Array.from({ length: 6 }, (_, n) => Buffer.alloc(1.1 * 1024 * 1024, `${n}`));
      const large = testImage(layers);
      await store(large, from);
      await Promise.all([
        copyGraph(from, to, large.root, { concurrency: 8 }),
        copyGraph(from, to, large.root, { concurrency: 8 }),
      ]);
      expect(await partsIn(to, large)).toEqual(partsOf(large));
    },
  );

  test('two writers of one version: one wins, the other is told of both digests', async () => {
    const { repository, host, registry } = await holding(image);
    const other = released('9.3.7 built elsewhere');
    await store(other, repository);
    for (let round = 0; round < 20; round++) {
      const tag = `9.3.${round}`;
      const outcomes = await Promise.allSettled([
        tagOnce(repository, image.root, tag),
        tagOnce(registry.repository('gravitational/plugin'), other.root, tag),
      ]);
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
      const loser = outcomes[1 - winner] as PromiseRejectedResult;
      expect(loser.status).toBe('rejected');
      expect(loser.reason).toMatchObject({ name: 'RegistryError', code: 'tag-exists' });
      const { message } = loser.reason as Error;
      expect(message).toContain(image.root.digest);
      expect(message).toContain(other.root.digest);
      expect(message).toContain(`${host}/gravitational/plugin:${tag}`);
      const final = await repository.manifests.resolve(tag);
      expect(final?.digest).toBe([image, other][winner]?.root.digest);
    }
  });
});

/** An image of a version; versions share the layers of their base. */
function released(version: string): TestImage {
  return testIndex(
    testImage([...base.map((layer) => `${layer} amd64`), `${version} amd64`]),
    testImage([...base.map((layer) => `${layer} arm64`), `${version} arm64`]),
  );
}

/** A registry that has the image, and has counted no requests yet. */
async function holding(held: TestImage): Promise<Served & { readonly repository: Repository }> {
  const registry = await served();
  const repository = registry.registry.repository('gravitational/plugin');
  await store(held, repository);
  registry.count();
  return { ...registry, repository };
}
