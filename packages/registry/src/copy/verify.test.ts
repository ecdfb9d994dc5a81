import { memoryRepository, type Repository } from '@teleport-plugins/oci';
import { describe, expect, test } from 'vitest';

import { store, twoPlatforms } from './test/images.js';
import { stepped, type Step } from './test/stepped.js';
import { verifyCopied } from './verify.js';

const image = twoPlatforms();

describe('verifyCopied', () => {
  test('reads every manifest, asks for every blob, and says how much it has seen', async () => {
    const steps: Step[] = [];
    const repository = stepped(await holding(), (step) => steps.push(step));
    const seen = await verifyCopied(repository, image.root);
    expect(seen.manifests.count).toBe(3);
    expect(seen.blobs.count).toBe(6);
    const begun = steps.filter(({ at }) => at === 'before').map(({ operation }) => operation);
    expect(begun.filter((each) => each === 'manifest.fetch')).toHaveLength(3);
    expect(begun.filter((each) => each === 'blob.exists')).toHaveLength(6);
    expect(begun).toHaveLength(9);
  });

  test.each([...image.blobs.keys()])('fails when the blob %s is missing', async (digest) => {
    const held = memoryRepository('staging');
    await store({ ...image, blobs: withoutKey(image.blobs, digest) }, held);
    await expectUnverified(
      held,
      `staging@${image.root.digest} .*reading blob ${digest} from staging failed: .*no such blob`,
    );
  });

  test('finds a blob by reading it where the registry does not say that it is there', async () => {
    const held = await holding();
    const silent: Repository = {
      ...held,
      blobs: { ...held.blobs, exists: () => Promise.resolve(false) },
    };
    expect((await verifyCopied(silent, image.root)).blobs.count).toBe(6);
  });

  test.each([...image.manifests.keys()])(
    'fails when the manifest %s is missing',
    async (digest) => {
      const held = memoryRepository('staging');
      await store({ ...image, manifests: withoutKey(image.manifests, digest) }, held);
      await expectUnverified(held, `reading manifest ${digest} from staging failed: .*no such`);
    },
  );

  test('fails when a manifest has other bytes than its digest says', async () => {
    const held = await holding();
    const altered: Repository = {
      ...held,
      manifests: {
        ...held.manifests,
        fetch: async (manifest) => Buffer.from(await held.manifests.fetch(manifest)).fill(' ', -1),
      },
    };
    await expectUnverified(altered, `reading manifest ${image.root.digest}`);
  });

  test('is aborted with the reason of the signal', async () => {
    const signal = AbortSignal.abort(new Error('the user said stop'));
    await expect(verifyCopied(await holding(), image.root, { signal })).rejects.toBe(signal.reason);
  });
});

async function holding(): Promise<Repository> {
  const repository = memoryRepository('staging');
  await store(image, repository);
  return repository;
}

async function expectUnverified(repository: Repository, message: string): Promise<void> {
  await expect(verifyCopied(repository, image.root)).rejects.toMatchObject({
    name: 'RegistryError',
    code: 'copy-unverified',
    message: expect.stringMatching(message) as string,
  });
}

function withoutKey<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
  return new Map([...map].filter(([each]) => each !== key));
}
