import { memoryStore, type ObjectStore } from '@teleport-plugins/object-store';
import { describe, expect, test } from 'vitest';

import { keys } from '../documents/layout.js';
import { applyPublish } from '../publish/apply.js';
import { isSettled } from '../publish/publish-plan.js';
import { readIndex } from '../registry.js';
import { mortal } from '../test/faulty-store.js';
import { signerNamed, signingDate } from '../test/keys.js';
import {
  address,
  contentsOf,
  findingsIn,
  now,
  publish,
  registryOf,
  releaseOf,
} from '../test/release.js';
import { applyYank, planYank } from '../repair/yank.js';
import { parseVersion } from '../version.js';
import { planPromotion, type PromotionRequest } from './plan.js';

const platforms = ['linux_amd64', 'darwin_arm64', 'windows_amd64'];

async function staged(options?: Parameters<typeof releaseOf>[1]) {
  const staging = memoryStore('s3://staging');
  const archives = await releaseOf('9.1.3', options);
  await publish(registryOf(staging), archives);
  return { staging, archives, production: memoryStore('s3://production') };
}

async function promote(
  staging: ObjectStore,
  production: ObjectStore,
  request: Pick<PromotionRequest, 'archives'> & Partial<PromotionRequest>,
) {
  const all = { signer: await signerNamed('b'), at: now, ...request };
  const plan = await planPromotion(
    registryOf(staging),
    registryOf(production, ['tf.example.com']),
    all,
  );
  await applyPublish(plan, { at: signingDate });
  return plan;
}

async function change(store: ObjectStore, key: string, at = 30) {
  const bytes = Buffer.from((await (await store.get(key))?.bytes(10 ** 6))!);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await store.put(key, bytes, { mode: 'overwrite', contentType: 'application/zip' });
}

describe('A promotion', () => {
  test('gives production the zips and sums of staging, under its own signature', async () => {
    const { staging, production, archives } = await staged();
    const { release } = await promote(staging, production, { archives });
    expect(await findingsIn(production)).toEqual([]);
    const [before, after] = [await contentsOf(staging), await contentsOf(production)];
    const same = [...before.keys()].filter((key) => /\.zip$|SHA256SUMS$/.test(key));
    expect(same).toHaveLength(3);
    for (const key of same) expect(after.get(key)).toBe(before.get(key));
    expect(release.keys).toEqual((await signerNamed('b')).keys);
    expect([...after.keys()].filter((key) => key.endsWith('.sig'))).toEqual([
      expect.stringContaining(release.keys[0]!.keyId),
    ]);
  });

  test('twice does nothing the second time', async () => {
    const { staging, production, archives } = await staged();
    await promote(staging, production, { archives });
    const again = mortal(production);
    expect(isSettled(await promote(staging, again.store, { archives }))).toBe(true);
    expect(again.writes).toEqual([]);
  });

  test('that is killed at any write is completed by the next one', async () => {
    const { staging, archives } = await staged();
    const whole = mortal(memoryStore());
    await promote(staging, whole.store, { archives });
    expect(whole.writes.length).toBe(11);
    for (const at of whole.writes.keys()) {
      for (const when of ['before', 'after'] as const) {
        const production = memoryStore();
        const dying = mortal(production, { at, when });
        await expect(promote(staging, dying.store, { archives })).rejects.toThrow('killed');
        if ((await readIndex(registryOf(production))) !== undefined) {
          expect(await findingsIn(production)).toEqual([]);
        }
        await promote(staging, production, { archives });
        expect(await contentsOf(production)).toEqual(await contentsOf(whole.store));
      }
    }
  });

  test('adds a platform when that is asked for', async () => {
    const { staging, production, archives } = await staged();
    await promote(staging, production, { archives });
    const more = await releaseOf('9.1.3', { platforms });
    await publish(registryOf(staging), more, { addPlatforms: true });
    await expect(promote(staging, production, { archives: more })).rejects.toThrow(
      /is published without windows_amd64, which s3:\/\/staging .* has; ask for the platforms to be added \(--add-platforms\)/,
    );
    await promote(staging, production, { archives: more, addPlatforms: true });
    expect(await findingsIn(production)).toEqual([]);
  });
});

describe('Nothing is promoted', () => {
  const files = `store/${address.namespace}/${address.type}/9.1.3/terraform-provider-teleport_9.1.3`;

  test('that is not staged', async () => {
    const archives = await releaseOf('9.1.3');
    await expect(
      promote(memoryStore('s3://staging'), memoryStore(), { archives }),
    ).rejects.toMatchObject({
      code: 'not-found',
      message:
        's3://staging (gravitational/teleport): version 9.1.3 is not there; run tf-stage first',
    });
  });

  test.each([
    ['a zip', (store: ObjectStore) => change(store, `${files}_linux_amd64.zip`)],
    ['the sums', (store: ObjectStore) => change(store, `${files}_SHA256SUMS`)],
    [
      'a document',
      (store: ObjectStore) =>
        change(
          store,
          keys.download(address, parseVersion('9.1.3', 'x'), { os: 'linux', arch: 'amd64' }),
        ),
    ],
    ['a zip that is gone', (store: ObjectStore) => store.delete(`${files}_linux_amd64.zip`)],
  ])('of which %s was changed in staging', async (_, damage) => {
    const { staging, production, archives } = await staged();
    await damage(staging);
    await expect(promote(staging, production, { archives })).rejects.toMatchObject({
      code: 'verification-failed',
      message: expect.stringMatching(
        /; nothing was promoted: (?:restore it with tf-repair --zips-from|run tf-repair|sign the version again).*, then run this again$/,
      ) as unknown,
    });
    expect((await contentsOf(production)).size).toBe(0);
  });

  test.each([
    [
      'other archives',
      { program: () => 'another program' },
      /was made of an archive for darwin_arm64 with the sha256/,
    ],
    [
      'more archives',
      { platforms },
      /is staged for darwin_arm64, linux_amd64, and s3:\/\/artifacts/,
    ],
    [
      'fewer archives',
      { platforms: ['linux_amd64'] },
      /is staged for darwin_arm64, linux_amd64, and/,
    ],
  ])('when the tag has %s', async (_, options, message) => {
    const { staging, production } = await staged();
    const archives = await releaseOf('9.1.3', options);
    await expect(promote(staging, production, { archives })).rejects.toThrow(message);
    expect((await contentsOf(production)).size).toBe(0);
  });

  test('over what production has differently', async () => {
    const { staging, production, archives } = await staged();
    await publish(registryOf(production), await releaseOf('9.1.3', { program: () => 'x' }));
    const before = await contentsOf(production);
    await expect(promote(staging, production, { archives })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(
        /is published for darwin_arm64 with the sha256 [0-9a-f]{64}, and s3:\/\/staging .* has [0-9a-f]{64}/,
      ) as string,
    });
    expect(await contentsOf(production)).toEqual(before);
  });

  test('that was yanked', async () => {
    const { staging, production, archives } = await staged();
    const request = { version: archives.version, reason: 'it is broken', hard: true };
    await applyYank(await planYank(registryOf(staging), request));
    await expect(promote(staging, production, { archives })).rejects.toThrow(
      'was yanked: it is broken',
    );
  });

  test('that was yanked in production, also where its record was lost', async () => {
    const { staging, production, archives } = await staged();
    await promote(staging, production, { archives });
    await production.delete(keys.manifest(address, archives.version));
    const request = { version: archives.version, reason: 'it is broken', hard: true };
    await applyYank(await planYank(registryOf(production), request));
    await expect(promote(staging, production, { archives })).rejects.toThrow(
      's3://production (gravitational/teleport): version 9.1.3 was yanked: it is broken',
    );
  });
});
