import {
  children,
  contentOf,
  descriptorOf,
  mediaType,
  memoryRepository,
  parseManifest,
  verified,
  type Descriptor,
  type Repository,
} from '@teleport-plugins/oci';
import { describe, expect, test } from 'vitest';

import { copyGraph } from './copy.js';
import { graphLimits } from './found.js';
import { planCopy } from './plan.js';
import { partsIn, partsOf, store, testImage, testIndex, type TestImage } from './test/images.js';
import { stepped, type Step } from './test/stepped.js';

describe('an image that is none is refused before anything is written:', () => {
  test.each<[string, TestImage, RegExp]>([
    ['an index nested 100 deep', nested(100), /more than 8 manifests below each other/],
    [
      'an index nested one too deep',
      nested(graphLimits.depth),
      /more than 8 manifests below each other/,
    ],
    [
      'a path that is too long beside a short one',
      testIndex(nested(graphLimits.depth - 1), testImage(['x'])),
      /more than 8 manifests below each other/,
    ],
    [
      'too many manifests',
      testIndex(...Array.from({ length: 1000 }, (_, n) => testImage([`${n}`]))),
      /more than 1000 manifests/,
    ],
    [
      'too many blobs',
      testImage(Array.from({ length: 10_000 }, (_, n) => `${n}`)),
      /more than 10000 blobs/,
    ],
  ])('%s', async (_, image, message) => {
    const from = memoryRepository('from');
    await store(image, from);
    await expectRefused(from, image.root, { code: 'graph-refused', message });
  });

  test('manifests that are too large together, before the most of them are read', async () => {
    const large = Array.from({ length: 20 }, (_, n) => ({
      mediaType: mediaType.ociIndex,
      digest: `sha256:${String(n).padStart(64, '0')}`,
      size: 4 * 1024 * 1024,
    }));
    const from = memoryRepository('from');
    const root = await pushed(from, { schemaVersion: 2, manifests: large });
    const message = /more than 67108864 bytes of manifests/;
    await expectRefused(from, root, { code: 'graph-refused', message });
  });

  test('one digest with two sizes', async () => {
    const image = testImage(['x']);
    const from = memoryRepository('from');
    await store(image, from);
    const lie = { ...image.root, size: image.root.size + 1 };
    const root = await pushed(from, { schemaVersion: 2, manifests: [image.root, lie] });
    const message = /gives sha256:[0-9a-f]{64} the sizes \d+ and \d+/;
    await expectRefused(from, root, { code: 'graph-refused', message });
  });

  test('a manifest that the source answers with other bytes', async () => {
    const image = testIndex(testImage(['x']));
    const other = testIndex(testImage(['y']));
    const from = memoryRepository('from');
    await store(image, from);
    const lying: Repository = {
      ...from,
      manifests: {
        ...from.manifests,
        fetch: () => Promise.resolve(other.manifests.get(other.root.digest)!.bytes),
      },
    };
    const message = new RegExp(`reading manifest ${image.root.digest} from from failed`);
    await expectRefused(lying, image.root, { code: 'source-failed', message });
  });

  test('an index that names itself, as far as a digest can be forged', async () => {
    const image = testIndex(testImage(['x']));
    const from = memoryRepository('from');
    await store(image, from);
    const loop = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [image.root] }));
    const lying = { ...from, manifests: { ...from.manifests, fetch: () => Promise.resolve(loop) } };
    await expectRefused(lying, image.root, { code: 'source-failed', message: /reading manifest/ });
  });

  test('a manifest that is missing', async () => {
    const image = testIndex(testImage(['x']));
    const from = memoryRepository('from');
    await from.manifests.push(image.root, image.manifests.get(image.root.digest)!.bytes);
    await expectRefused(from, image.root, { code: 'source-failed', message: /no such manifest/ });
  });

  test('a root that is a layer', async () => {
    const layer = descriptorOf(mediaType.ociLayerTar, Buffer.from('x'));
    const from = memoryRepository('from');
    await expectRefused(from, layer, { code: 'source-failed', message: /reading manifest/ });
  });
});

test('a deep graph within the limit is copied, however often its parts are shared', async () => {
  let image = testImage(['x']);
  // Two edges to the same child on every level: 128 paths, 8 manifests.
  for (let level = 1; level < graphLimits.depth; level++) image = testIndex(image, image);
  const steps: Step[] = [];
  const from = memoryRepository('from');
  await store(image, from);
  const to = memoryRepository('to');
  await copyGraph(
    stepped(from, (step) => steps.push(step)),
    to,
    image.root,
  );
  expect(await partsIn(to, image)).toEqual(partsOf(image));
  const fetched = steps.filter(
    (step) => step.operation === 'manifest.fetch' && step.at === 'before',
  );
  expect(fetched).toHaveLength(graphLimits.depth);
});

test('a manifest that is deeper on one path than on another is written after all it refers to', async () => {
  const shared = testIndex(testImage(['x']));
  const image = testIndex(shared, testIndex(testIndex(shared)), testImage(['y']));
  const from = memoryRepository('from');
  await store(image, from);
  const written: string[] = [];
  const to = stepped(memoryRepository('to'), ({ operation, at, about }) => {
    if (operation === 'manifest.push' && at === 'before') written.push(about);
  });
  await copyGraph(from, to, image.root);
  expect(new Set(written)).toEqual(new Set(image.manifests.keys()));
  for (const { descriptor, bytes } of image.manifests.values()) {
    const below = children(parseManifest(descriptor, bytes)).manifests;
    const later = below.filter(
      ({ digest }) => written.indexOf(digest) > written.indexOf(descriptor.digest),
    );
    expect(later).toEqual([]);
  }
});

test('corrupt bytes of a blob are the failure of the source, and nothing of the image appears', async () => {
  const image = testIndex(testImage(['good', 'bad']));
  const corrupt = [...image.blobs.values()].find(({ bytes }) =>
    Buffer.from(bytes).equals(Buffer.from('bad')),
  )!;
  const from = memoryRepository('from');
  await store(image, from);
  const corrupted: Repository = {
    ...from,
    blobs: {
      ...from.blobs,
      fetch: (blob) =>
        blob.digest === corrupt.descriptor.digest
          ? verified(contentOf(Buffer.from('BAD')), blob)
          : from.blobs.fetch(blob),
    },
  };
  const to = memoryRepository('to');
  await expect(copyGraph(corrupted, to, image.root)).rejects.toMatchObject({
    code: 'source-failed',
    message: expect.stringMatching(
      `reading blob ${corrupt.descriptor.digest} from from failed: .*other bytes`,
    ) as string,
    cause: expect.objectContaining({ code: 'content-mismatch' }) as Error,
  });
  const parts = await partsIn(to, image);
  expect(parts.has(corrupt.descriptor.digest)).toBe(false);
  expect(parts.has(image.root.digest)).toBe(false);
});

describe('referrers', () => {
  const image = testIndex(testImage(['amd64']), testImage(['arm64']));
  const [platform] = image.manifests.values();
  const signature = testImage(['signature'], { subject: image.root, artifactType: 'a/signature' });
  const sbom = testImage(['sbom'], { subject: platform!.descriptor, artifactType: 'a/sbom' });
  const signedSbom = testImage(['signed'], { subject: sbom.root, artifactType: 'a/signature' });
  const all = [image, signature, sbom, signedSbom];

  test.each<[string, 'all' | readonly string[] | undefined, readonly TestImage[]]>([
    ['are left behind unless asked for', undefined, [image]],
    ['are copied along, those of platforms and of referrers too', 'all', all],
    ['are filtered by artifact type', ['a/signature'], [image, signature]],
    ['that no filter names are left behind', [], [image]],
  ])('%s', async (_, referrers, expected) => {
    const from = memoryRepository('from');
    for (const each of all) await store(each, from);
    const to = memoryRepository('to');
    const written: string[] = [];
    const recording = stepped(to, ({ operation, at, about }) => {
      if (operation === 'manifest.push' && at === 'before') written.push(about);
    });
    const options = referrers === undefined ? {} : { referrers };
    const plan = await planCopy(from, to, image.root, options);
    const result = await copyGraph(from, recording, image.root, options);
    const parts = new Set([
      ...(await Promise.all(all.map((each) => partsIn(to, each)))).flatMap((each) => [...each]),
    ]);
    expect(parts).toEqual(partsOf(...expected));
    expect(plan.copy).toEqual(result.copied);
    for (const { root, subject } of [
      { root: signature.root, subject: image.root },
      { root: sbom.root, subject: platform!.descriptor },
      { root: signedSbom.root, subject: sbom.root },
    ]) {
      if (!parts.has(root.digest)) continue;
      expect(written.indexOf(root.digest)).toBeGreaterThan(written.indexOf(subject.digest));
    }
  });

  test('that came after the image are copied by another run', async () => {
    const from = memoryRepository('from');
    await store(image, from);
    const to = memoryRepository('to');
    await copyGraph(from, to, image.root, { referrers: 'all' });
    await store(signature, from);
    const result = await copyGraph(from, to, image.root, { referrers: 'all' });
    expect(result.copied.count).toBe(partsOf(signature).size);
    expect(await partsIn(to, signature)).toEqual(partsOf(signature));
  });
});

/** `depth` manifests one below the other, and one more: the image at the end. */
function nested(depth: number): TestImage {
  let image = testImage(['x']);
  for (let level = 0; level < depth; level++) image = testIndex(image);
  return image;
}

async function pushed(to: Repository, document: object): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(document));
  const descriptor = descriptorOf(mediaType.ociIndex, bytes);
  await to.manifests.push(descriptor, bytes);
  return descriptor;
}

async function expectRefused(
  from: Repository,
  root: Descriptor,
  expected: { readonly code: string; readonly message: RegExp },
): Promise<void> {
  const to = stepped(memoryRepository('to'), ({ operation }) => {
    if (/push|tag|mount/.test(operation)) throw new Error(`${operation} of what is refused`);
  });
  const refusal = {
    name: 'RegistryError',
    code: expected.code,
    message: expect.stringMatching(expected.message) as string,
  };
  await expect(planCopy(from, to, root)).rejects.toMatchObject(refusal);
  await expect(copyGraph(from, to, root)).rejects.toMatchObject(refusal);
}
