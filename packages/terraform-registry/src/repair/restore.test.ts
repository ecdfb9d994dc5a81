import { memoryStore, directoryStore, type ObjectStore } from '@teleport-plugins/object-store';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { cacheControl, contentType } from '../documents/layout.js';
import { mortal } from '../test/faulty-store.js';
import { publishAsBefore } from '../test/old-registry.js';
import { contentsOf, findingsIn, mirrorHosts, registryOf, storeWith } from '../test/release.js';
import { parseVersion } from '../version.js';
import { applyRestore, planRestore, type ZipSource } from './restore.js';
import { applyYank, planYank } from './yank.js';

const version = parseVersion('9.1.3', 'test');
const folder = 'store/gravitational/teleport';
const zip = `${folder}/9.1.3/terraform-provider-teleport_9.1.3_linux_amd64.zip`;
const record = 'releases/gravitational/teleport/9.1.3.json';

const put = (store: ObjectStore, key: string, content: string | Uint8Array) =>
  store.put(key, Buffer.from(content), { mode: 'overwrite', contentType: 'text/plain' });
const sameKeys = (store: ObjectStore): ZipSource => ({ store, keyOf: (key) => key });

async function bytesOf(store: ObjectStore, key: string): Promise<Buffer> {
  return Buffer.from((await (await store.get(key))?.bytes(10 ** 7)) ?? []);
}

/** Other bytes, as many. */
async function overwrite(store: ObjectStore, key: string): Promise<void> {
  const bytes = await bytesOf(store, key);
  bytes[bytes.length >> 1] = ~(bytes[bytes.length >> 1] ?? 0) & 0xff;
  await put(store, key, bytes);
}

/** A registry that has lost something, and another one that has the same zips. */
async function registries(...versions: readonly string[]) {
  const store = await storeWith(...versions);
  const other = await storeWith(...versions);
  return { store, other, registry: registryOf(store, mirrorHosts), from: sameKeys(other) };
}

describe('Zips that are lost', () => {
  test.each([
    ['is gone', 'create', (store: ObjectStore) => store.delete(zip)],
    ['has another size', 'replace', (store: ObjectStore) => put(store, zip, 'x')],
    ['has other bytes', 'replace', (store: ObjectStore) => overwrite(store, zip)],
  ])('are restored: one that %s', async (_, act, damage) => {
    const { store, registry, from } = await registries('9.1.2', '9.1.3');
    const before = await contentsOf(store);
    await damage(store);
    const { store: watched, writes } = mortal(store);
    const plan = await planRestore({ ...registry, store: watched }, { from });
    expect(plan.open).toEqual([]);
    expect(plan.objects.filter((each) => each.act !== 'keep')).toEqual([
      expect.objectContaining({ act, key: zip }),
    ]);
    await applyRestore(plan);
    expect(writes).toEqual([zip]);
    expect(await contentsOf(store)).toEqual(before);
    expect(await findingsIn(store)).toEqual([]);
    expect(await store.head(zip)).toMatchObject({
      contentType: contentType.zip,
      cacheControl: cacheControl.forever,
    });
  });

  test('are restored whole when all of them are gone', async () => {
    const { store, registry, from } = await registries('9.1.2', '9.1.3');
    const before = await contentsOf(store);
    for (const key of before.keys()) if (key.endsWith('.zip')) await store.delete(key);
    await applyRestore(await planRestore(registry, { from }));
    expect(await contentsOf(store)).toEqual(before);
  });

  test('are restored from a folder that has them by their names', async () => {
    const { store, other, registry } = await registries('9.1.3');
    const before = await contentsOf(store);
    const directory = await temporaryDirectory();
    await writeFile(join(directory, basename(zip)), await bytesOf(other, zip));
    await mkdir(join(directory, 'beside'));
    await store.delete(zip);
    const from = { store: directoryStore(directory), keyOf: (key: string) => basename(key) };
    await applyRestore(await planRestore(registry, { from }));
    expect(await contentsOf(store)).toEqual(before);
  });

  test('of a version whose record is gone as well are those of its documents', async () => {
    const { store, registry, from } = await registries('9.1.3');
    const before = await contentsOf(store);
    await store.delete(record);
    await store.delete(zip);
    await applyRestore(await planRestore(registry, { from }));
    await store.copy({ store: from.store, key: record }, record, { mode: 'create' });
    expect(await contentsOf(store)).toEqual(before);
  });

  test.each(['https://tf.example.com/', '../../../../../../'])(
    'of a version from before there were records are too (addresses from %s)',
    async (base) => {
      const [store, other] = [memoryStore('s3://tf'), memoryStore('s3://other')];
      for (const each of [store, other]) await publishAsBefore(each, '8.0.0', { base });
      const before = await contentsOf(store);
      await store.delete('store/terraform-provider-teleport-v8.0.0-linux-amd64-bin.zip');
      await overwrite(store, 'store/terraform-provider-teleport-v8.0.0-darwin-amd64-bin.zip');
      const plan = await planRestore(registryOf(store, mirrorHosts), { from: sameKeys(other) });
      expect(plan.objects.map(({ act }) => act).sort()).toEqual(['create', 'replace']);
      await applyRestore(plan);
      expect(await contentsOf(store)).toEqual(before);
    },
  );

  test('stay lost where the source has none or another one, and it is said', async () => {
    const { store, other, registry, from } = await registries('9.1.2', '9.1.3');
    const older = zip.replaceAll('9.1.3', '9.1.2');
    for (const key of [zip, older]) await store.delete(key);
    await other.delete(zip);
    await overwrite(other, older);
    const damaged = await contentsOf(store);
    const elsewhere =
      'name another place that has it, or restore the object from its older versions';
    const plan = await planRestore(registry, { from });
    expect(plan.open).toEqual([
      expect.stringMatching(
        `^${older} is gone, and s3://tf/${older} is not the one with the sha256 [0-9a-f]{64}; ${elsewhere}$`,
      ),
      `${zip} is gone, and s3://tf/${zip} is not there; ${elsewhere}`,
    ]);
    await applyRestore(plan);
    expect(await contentsOf(store)).toEqual(damaged);
  });

  test.each(['linux', ''])(
    'are not taken for whole where documents that nobody can read alone say what they were (%j)',
    async (os) => {
      const { store, registry, from } = await registries('9.1.2', '9.1.3');
      for (const key of [zip, record]) await store.delete(key);
      const downloads = `registry/gravitational/teleport/9.1.3/download/${os}`;
      const documents: string[] = [];
      for await (const { key } of store.list(downloads)) documents.push(key);
      for (const key of documents) await put(store, key, '{');
      const open = [
        `version 9.1.3 has no record, and ${documents[0] ?? ''}: is not JSON, so nothing says what the zip was that it leads to; restore the object from its older versions`,
      ];
      expect(await planRestore(registry, { from })).toMatchObject({ open });
      expect(await planRestore(registry, { from, version })).toMatchObject({ open });
    },
  );

  test('are restored of one version when it is named', async () => {
    const { store, registry, from } = await registries('9.1.2', '9.1.3');
    const older = zip.replaceAll('9.1.3', '9.1.2');
    for (const key of [zip, older]) await store.delete(key);
    await applyRestore(await planRestore(registry, { from, version }));
    expect(await store.head(zip)).toBeDefined();
    expect(await store.head(older)).toBeUndefined();
  });

  test('of a version that was withdrawn are restored when it is named only', async () => {
    const { store, registry, from } = await registries('9.1.2', '9.1.3');
    await applyYank(await planYank(registry, { version, reason: 'bad', hard: true }));
    await store.delete(zip);
    const changes = (plan: { readonly objects: readonly { readonly act: string }[] }) =>
      plan.objects.filter(({ act }) => act !== 'keep').length;
    expect(changes(await planRestore(registry, { from }))).toBe(0);
    expect(changes(await planRestore(registry, { from, version }))).toBe(1);
  });

  test('of a version of which nothing is known are not made up', async () => {
    const { registry, from } = await registries('9.1.2');
    await expect(planRestore(registry, { from, version })).rejects.toThrow(
      's3://tf (gravitational/teleport): version 9.1.3 has neither a record nor documents, so nothing says what its zips were; check the version',
    );
  });

  test.each([
    ['registry/gravitational/teleport/versions', 'is another one, and is not named as a zip'],
    ['store/x.zip', 'has several sha256 in the documents of its version'],
  ])('and are said by documents to be %s are left alone', async (key, what) => {
    const [store, other] = [memoryStore('s3://tf'), memoryStore('s3://other')];
    const base = 'https://tf.example.com/';
    for (const each of [store, other]) await publishAsBefore(each, '8.0.0', { base });
    for (const platform of ['linux/amd64', 'darwin/amd64']) {
      const at = `registry/gravitational/teleport/8.0.0/download/${platform}`;
      const document = JSON.parse((await bytesOf(store, at)).toString()) as object;
      await put(store, at, JSON.stringify({ ...document, download_url: `${base}${key}` }));
      if (key.startsWith('registry')) break;
    }
    const before = await contentsOf(store);
    const plan = await planRestore(registryOf(store, mirrorHosts), { from: sameKeys(other) });
    expect(plan.open).toEqual([expect.stringContaining(`${key} ${what}`)]);
    await applyRestore(plan);
    expect(await contentsOf(store)).toEqual(before);
  });
});

describe('Restoring', () => {
  test('changes nothing where nothing is lost', async () => {
    const { store, registry, from } = await registries('9.1.3');
    const { store: watched, writes } = mortal(store);
    await applyRestore(await planRestore({ ...registry, store: watched }, { from }));
    expect(writes).toEqual([]);
  });

  test.each(['before', 'after'] as const)(
    'that is killed %s any of its writes is completed by a second run',
    async (when) => {
      const { other, from } = await registries('9.1.2', '9.1.3');
      const whole = await contentsOf(other);
      const zips = [...whole.keys()].filter((key) => key.endsWith('.zip'));
      for (const at of zips.keys()) {
        const store = await storeWith('9.1.2', '9.1.3');
        for (const key of zips) await store.delete(key);
        const dying = registryOf(mortal(store, { at, when }).store, mirrorHosts);
        await expect(applyRestore(await planRestore(dying, { from }))).rejects.toThrow('killed');
        const left = [...(await contentsOf(store))];
        expect(left.filter(([key, sha256]) => whole.get(key) !== sha256)).toEqual([]);
        await applyRestore(await planRestore(registryOf(store, mirrorHosts), { from }));
        expect(await contentsOf(store)).toEqual(whole);
      }
    },
  );

  test('overwrites nothing that somebody else wrote meanwhile', async () => {
    const { store, registry, from } = await registries('9.1.3');
    await overwrite(store, zip);
    const plan = await planRestore(registry, { from });
    await put(store, zip, 'by somebody else');
    await expect(applyRestore(plan)).rejects.toThrow(
      `s3://tf/${zip}: was changed by somebody else meanwhile; run this again`,
    );
    expect((await bytesOf(store, zip)).toString()).toBe('by somebody else');
  });

  test('writes nothing else when the source changes after it was read', async () => {
    const { store, other, registry, from } = await registries('9.1.3');
    await store.delete(zip);
    const plan = await planRestore(registry, { from });
    await overwrite(other, zip);
    await expect(applyRestore(plan)).rejects.toThrow(/sha256/);
    expect(await store.head(zip)).toBeUndefined();
  });
});
