import type { ObjectStore } from '@teleport-plugins/object-store';
import { describe, expect, test } from 'vitest';

import { contentType, keys } from '../documents/layout.js';
import { readIndex } from '../registry.js';
import { mortal } from '../test/faulty-store.js';
import { publishAsBefore } from '../test/old-registry.js';
import {
  address,
  contentsOf,
  findingsIn,
  mirrorHosts,
  now,
  publish,
  registryOf,
  releaseOf,
  storeWith,
} from '../test/release.js';
import { parseVersion } from '../version.js';
import { applyRepair, planRepair } from './repair.js';
import { applyRestore, planRestore } from './restore.js';
import { applyUnyank, planUnyank, type UnyankPlan } from './unyank.js';
import { applyYank, planYank, type YankRequest } from './yank.js';

const version = parseVersion('9.1.3', 'test');
const registry = (store: ObjectStore) => registryOf(store, mirrorHosts);

const wish: YankRequest = { version, reason: 'it leeks', hard: false };
const yank = async (store: ObjectStore, changes: Partial<YankRequest> = {}) => {
  const plan = await planYank(registry(store), { ...wish, ...changes });
  await applyYank(plan);
  return plan;
};
const undo = async (store: ObjectStore, of = version) => {
  const plan = await planUnyank(registry(store), of, { at: now });
  await applyUnyank(plan, { at: now });
  return plan;
};
const indexIn = async (store: ObjectStore) => (await readIndex(registry(store)))?.value;
const acts = ({ objects, shared }: Pick<UnyankPlan, 'objects' | 'shared'>) =>
  [...objects, ...shared].filter(({ act }) => act !== 'keep').map(({ act, key }) => [act, key]);

/** How the store differs from what it was. */
async function changed(store: ObjectStore, before: ReadonlyMap<string, string>) {
  const after = await contentsOf(store);
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all].filter((key) => before.get(key) !== after.get(key)).sort();
}

describe('The plan of a yank', () => {
  test.each([false, true])('names exactly the objects that it changes (hard: %s)', async (hard) => {
    const store = await storeWith('9.1.2', '9.1.3');
    const before = await contentsOf(store);
    const plan = await yank(store, { hard });
    expect(
      acts(plan)
        .map(([, key]) => key)
        .sort(),
    ).toEqual(await changed(store, before));
    expect(acts(plan)).toContainEqual(['replace', keys.index(address)]);
    expect(acts(await planYank(registry(store), { ...wish, hard }))).toEqual([]);
  });
});

describe('The reason of a yank', () => {
  test('is corrected by another one: a version has one warning', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    await yank(store);
    await yank(store, { version: parseVersion('9.1.2', 'x'), reason: 'it is slow' });
    await yank(store, { reason: 'it leaks' });
    expect((await indexIn(store))?.warnings).toEqual([
      'gravitational/teleport 9.1.3 should not be used: it leaks',
      'gravitational/teleport 9.1.2 should not be used: it is slow',
    ]);
    await yank(store, { reason: 'it leeks', hard: true });
    await yank(store, { reason: 'it leaks', hard: true });
    expect((await indexIn(store))?.warnings[0]).toBe(
      'gravitational/teleport 9.1.3 was withdrawn: it leaks',
    );
    await expect(publish(registry(store), await releaseOf('9.1.3'))).rejects.toThrow(
      'version 9.1.3 was yanked: it leaks',
    );
  });

  test('is not softened: what is withdrawn is brought back first', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    await yank(store, { hard: true });
    await expect(yank(store)).rejects.toThrow(
      's3://tf (gravitational/teleport): version 9.1.3 was withdrawn: it leeks; to correct the reason say --hard again, to bring it back --undo',
    );
  });
});

describe('Undoing a yank', () => {
  test('takes the warning away', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    const before = await contentsOf(store);
    await yank(store);
    const plan = await undo(store);
    expect(acts(plan)).toEqual([['replace', keys.index(address)]]);
    expect(await contentsOf(store)).toEqual(before);
    expect(acts(await undo(store))).toEqual([]);
  });

  test('lists a version again that was withdrawn, as it was', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    const before = await contentsOf(store);
    await yank(store, { hard: true });
    await applyRepair(await planRepair(registry(store)));
    const withdrawn = await contentsOf(store);
    const plan = await undo(store);
    expect(await changed(store, withdrawn)).toEqual(
      acts(plan)
        .map(([, key]) => key)
        .sort(),
    );
    expect(await contentsOf(store)).toEqual(before);
    expect(await findingsIn(store)).toEqual([]);
  });

  test('that is killed at any write is completed by the next one', async () => {
    const whole = await contentsOf(await storeWith('9.1.2', '9.1.3'));
    for (let at = 0; at < 4; at += 1) {
      const store = await storeWith('9.1.2', '9.1.3');
      await yank(store, { hard: true });
      const dying = registry(mortal(store, { at, when: 'after' }).store);
      const killed = planUnyank(dying, version, { at: now }).then((plan) =>
        applyUnyank(plan, { at: now }),
      );
      await expect(killed).rejects.toThrow('killed');
      await undo(store);
      expect(await contentsOf(store)).toEqual(whole);
    }
  });

  test('is refused when a zip has other bytes of the same size, and says what to restore', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    const whole = await contentsOf(store);
    await yank(store, { hard: true });
    const zip = keys.file(address, version, 'terraform-provider-teleport_9.1.3_linux_amd64.zip');
    const size = (await store.head(zip))?.size ?? 0;
    const labels = { mode: 'overwrite', contentType: contentType.zip } as const;
    await store.put(zip, Buffer.alloc(size), labels);
    const withdrawn = await contentsOf(store);
    await expect(undo(store)).rejects.toThrow(
      's3://tf (gravitational/teleport): clients would refuse this; the index was not changed: restore it with tf-repair --zips-from, from the other registry, the archives of the tag, or a folder, then run this again\n',
    );
    expect(await contentsOf(store)).toEqual(withdrawn);
    const other = await storeWith('9.1.2', '9.1.3');
    const from = { store: other, keyOf: (key: string) => key };
    await applyRestore(await planRestore(registry(store), { from, version }));
    await undo(store);
    expect(await contentsOf(store)).toEqual(whole);
  });

  test('is refused when a zip is gone, and says what to restore', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    await yank(store, { hard: true });
    const zip = keys.file(address, version, 'terraform-provider-teleport_9.1.3_linux_amd64.zip');
    await store.delete(zip);
    const before = await contentsOf(store);
    await expect(undo(store)).rejects.toThrow(
      `s3://tf (gravitational/teleport): version 9.1.3 cannot be brought back: s3://tf/${zip}: the version is published, and this zip of it is gone; \`tf-repair --zips-from PLACE --tag terraform-provider-teleport-v9.1.3\` restores it, from the other registry, the archives of the tag, or a folder; then run this again`,
    );
    expect(await contentsOf(store)).toEqual(before);
  });

  test('gives way to who yanks the version again meanwhile', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    await yank(store, { hard: true });
    const record = keys.manifest(address, version);
    const disturbed: ObjectStore = {
      ...store,
      put: async (key, ...rest) => {
        const written = await store.put(key, ...rest);
        if (key === record) await yank(store, { hard: true, reason: 'it leaks' });
        return written;
      },
    };
    const plan = await planUnyank(registry(disturbed), version, { at: now });
    await expect(applyUnyank(plan, { at: now })).rejects.toThrow('was yanked: it leaks');
    expect((await indexIn(store))?.versions.map((each) => each.version)).toEqual(['9.1.2']);
  });

  describe('of a version from before there were records', () => {
    const old = parseVersion('8.0.0', 'test');

    async function withdrawn() {
      const store = await storeWith('9.1.2', '9.1.3');
      await publishAsBefore(store, '8.0.0', { base: 'https://tf.example.com/' });
      const before = await indexIn(store);
      await yank(store, { version: old, hard: true });
      return { store, before };
    }

    test('lists it again', async () => {
      const { store, before } = await withdrawn();
      const plan = await undo(store, old);
      expect(acts(plan)).toEqual([
        ['delete', keys.withdrawal(address, old)],
        ['replace', keys.index(address)],
      ]);
      expect(await indexIn(store)).toEqual(before);
      expect((await planRepair(registry(store))).remarks).toEqual([]);
    });

    test('is refused when a zip is gone', async () => {
      const { store } = await withdrawn();
      const zip = 'store/terraform-provider-teleport-v8.0.0-linux-amd64-bin.zip';
      await store.delete(zip);
      await expect(undo(store, old)).rejects.toThrow(
        `version 8.0.0 cannot be brought back: ${zip}: is not there; restore it with tf-repair --zips-from, from the other registry, the archives of the tag, or a folder, then run this again`,
      );
    });

    test('that is killed between is completed by a repair, and says so', async () => {
      const { store, before } = await withdrawn();
      await store.delete(keys.withdrawal(address, old));
      await expect(undo(store, old)).rejects.toThrow(
        'version 8.0.0 is not listed, and was not yanked; check the version, or run release:tf-repair, which lists what has documents',
      );
      await applyRepair(await planRepair(registry(store)));
      await undo(store, old);
      expect(await indexIn(store)).toEqual(before);
    });
  });

  test('needs a version that is there', async () => {
    const none = parseVersion('7.0.0', 'test');
    await expect(undo(await storeWith('9.1.2', '9.1.3'), none)).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
