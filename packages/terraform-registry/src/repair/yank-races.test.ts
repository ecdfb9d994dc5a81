import { memoryStore, type ObjectStore } from '@teleport-plugins/object-store';
import { describe, expect, test } from 'vitest';

import { keys } from '../documents/layout.js';
import { readIndex } from '../registry.js';
import { publishAsBefore } from '../test/old-registry.js';
import {
  address,
  contentsOf,
  mirrorHosts,
  now,
  publish,
  registryOf,
  releaseOf,
  storeWith,
} from '../test/release.js';
import { parseVersion } from '../version.js';
import { applyRepair, planRepair } from './repair.js';
import { applyUnyank, planUnyank } from './unyank.js';
import { applyYank, planYank } from './yank.js';

const [host = ''] = mirrorHosts;
const version = parseVersion('9.1.3', 'test');
const record = keys.manifest(address, version);
const registry = (store: ObjectStore) => registryOf(store, mirrorHosts);

const planHardYank = (store: ObjectStore, reason = 'it leaks') =>
  planYank(registry(store), { version, reason, hard: true });
const yank = async (store: ObjectStore, reason?: string) =>
  applyYank(await planHardYank(store, reason));
const planUndo = (store: ObjectStore) => planUnyank(registry(store), version, { at: now });
const undo = async (store: ObjectStore) => applyUnyank(await planUndo(store), { at: now });
const repair = async (store: ObjectStore, published?: typeof version) =>
  applyRepair(await planRepair(registry(store), { published }));
const listed = async (store: ObjectStore) =>
  (await readIndex(registry(store)))?.value.versions.map((each) => String(each.version));

/** A version that was yanked while its record was lost. */
async function yankedWithoutRecord() {
  const store = await storeWith('9.1.2', '9.1.3');
  const before = await contentsOf(store);
  const bytes = await (await store.get(record))!.bytes(1e6);
  await store.delete(record);
  await yank(store);
  const restore = () =>
    store.put(record, bytes, { mode: 'create', contentType: 'application/json' });
  return { store, before, restore };
}

describe('A version that was yanked while its record was lost', () => {
  test('stays out when the record is restored, whatever is run', async () => {
    const { store, restore } = await yankedWithoutRecord();
    await restore();
    await repair(store);
    expect(await listed(store)).toEqual(['9.1.2']);
    await expect(publish(registry(store), await releaseOf('9.1.3'))).rejects.toThrow(
      'version 9.1.3 was yanked: it leaks',
    );
    await store.delete(keys.index(address));
    await publish(registry(store), await releaseOf('9.1.4'));
    expect(await listed(store)).toEqual(['9.1.2', '9.1.4']);
  });

  test('is brought back all the same', async () => {
    const { store, before, restore } = await yankedWithoutRecord();
    await restore();
    await undo(store);
    expect(await listed(store)).toEqual(['9.1.2', '9.1.3']);
    expect([...(await contentsOf(store)).keys()].sort()).toEqual([...before.keys()].sort());
  });

  test('gets a record that was lost for good by a repair that is asked for it, and stays out', async () => {
    const { store } = await yankedWithoutRecord();
    await expect(planUndo(store)).rejects.toThrow(
      's3://tf (gravitational/teleport): version 9.1.3 cannot be brought back: its record is gone; `tf-repair --published --tag terraform-provider-teleport-v9.1.3` makes it again, then run this again',
    );
    await repair(store, version);
    expect(await listed(store)).toEqual(['9.1.2']);
    await undo(store);
    expect(await listed(store)).toEqual(['9.1.2', '9.1.3']);
  });

  test('stays out when a repair makes the record again at the same time', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    await store.delete(record);
    const repairing = await planRepair(registry(store));
    await yank(store);
    await applyRepair(repairing).catch(() => undefined);
    await repair(store);
    expect(await listed(store)).toEqual(['9.1.2']);
  });
});

describe('A version that was yanked before its record was lost', () => {
  test('stays out, and is brought back when it is asked for', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    const before = await contentsOf(store);
    await yank(store);
    await store.delete(record);
    const repairing = await planRepair(registry(store), { published: version });
    expect(repairing.remarks).toEqual([
      expect.stringMatching(
        /^version 9\.1\.3: its record was gone, .*It was yanked, and stays out/,
      ),
    ]);
    await applyRepair(repairing);
    expect(await listed(store)).toEqual(['9.1.2']);
    await expect(publish(registry(store), await releaseOf('9.1.3'))).rejects.toThrow(
      'version 9.1.3 was yanked: it leaks',
    );
    await undo(store);
    expect(await listed(store)).toEqual(['9.1.2', '9.1.3']);
    expect([...(await contentsOf(store)).keys()].sort()).toEqual([...before.keys()].sort());
  });
});

describe('A yank and its undoing at once', () => {
  test('do not leave a version out that nothing says was yanked', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    await yank(store);
    const again = await planHardYank(store);
    await undo(store);
    await expect(applyYank(again)).rejects.toThrow(
      's3://tf (gravitational/teleport): somebody has brought version 9.1.3 back meanwhile; run this again to withdraw it all the same',
    );
    expect(await listed(store)).toEqual(['9.1.2', '9.1.3']);
  });

  test('do not take a reason away that somebody has just written', async () => {
    const store = memoryStore('s3://tf');
    await publishAsBefore(store, '9.1.3', { base: `https://${host}/` });
    await yank(store);
    const undoing = await planUndo(store);
    await yank(store, 'it deletes users');
    await expect(applyUnyank(undoing, { at: now })).rejects.toThrow(
      's3://tf (gravitational/teleport): version 9.1.3 was yanked meanwhile: it deletes users; if it is to be brought back all the same, run this again',
    );
    expect(await listed(store)).toEqual([]);
  });
});
