import { memoryStore, type ObjectStore } from '@teleport-plugins/object-store';
import { beforeAll, describe, expect, test } from 'vitest';

import { keys } from '../documents/layout.js';
import { planPromotion } from '../promote/plan.js';
import { applyPublish } from '../publish/apply.js';
import { isSettled } from '../publish/publish-plan.js';
import { readIndex, readManifest } from '../registry.js';
import { mortal } from '../test/faulty-store.js';
import { publishAsBefore } from '../test/old-registry.js';
import { signerNamed, signingDate } from '../test/keys.js';
import {
  address,
  contentsOf,
  findingsIn,
  mirrorHosts,
  now,
  planned,
  publish,
  registryOf,
  releaseOf,
} from '../test/release.js';
import { parseVersion } from '../version.js';
import { applyDiscard, planDiscard } from './discard.js';
import { applyRepair, planRepair } from './repair.js';
import { planResign } from './resign.js';

const version = parseVersion('9.1.3', 'test');
const index = keys.index(address);
const record = keys.manifest(address, version);
const mirror = keys.mirrorIndex(mirrorHosts[0] ?? '', address);
const linux = keys.download(address, version, { os: 'linux', arch: 'amd64' });
const zip = keys.file(address, version, 'terraform-provider-teleport_9.1.3_linux_amd64.zip');
const more = ['linux_amd64', 'darwin_arm64', 'linux_arm'];
const registry = (store: ObjectStore) => registryOf(store, mirrorHosts);

/** A version that cannot be staged again as it is: platforms were added, and another key signs now. */
async function published(): Promise<ObjectStore> {
  const store = memoryStore('s3://tf');
  await publish(registry(store), await releaseOf('9.1.3'));
  await publish(registry(store), await releaseOf('9.1.3', { platforms: more }), {
    addPlatforms: true,
  });
  const signer = await signerNamed('b');
  const resigned = await planResign(registry(store), version, { signer });
  await applyPublish(resigned, { at: signingDate });
  return store;
}

async function repair(store: ObjectStore, options: Parameters<typeof planRepair>[1] = {}) {
  const plan = await planRepair(registry(store), options);
  await applyRepair(plan);
  return plan;
}

const versionsIn = async (store: ObjectStore) =>
  (await readIndex(registry(store)))?.value.versions.map((each) => String(each.version));
const put = (store: ObjectStore, key: string, content: string) =>
  store.put(key, Buffer.from(content), { mode: 'overwrite', contentType: 'application/json' });

describe('A record that is lost', () => {
  test('is made again from all else that there is of the version, when all of it agrees', async () => {
    const store = await published();
    const before = await contentsOf(store);
    const { value } = (await readManifest(registry(store), version))!;
    await store.delete(record);
    const { remarks, objects } = await repair(store);
    expect(remarks).toEqual([
      'version 9.1.3: its record was gone, and is made again from its documents, sums, signature and zips',
    ]);
    expect(objects.filter(({ act }) => act !== 'keep').map(({ key }) => key)).toEqual([record]);
    const rebuilt = (await readManifest(registry(store), version))!.value;
    const withoutArchives = value.packages.map(({ platform, size, sha256, h1 }) => ({
      platform,
      size,
      sha256,
      h1,
    }));
    expect(rebuilt).toEqual({ ...value, packages: withoutArchives });
    const others = (all: ReadonlyMap<string, string>) => [...all].filter(([key]) => key !== record);
    expect(others(await contentsOf(store))).toEqual(others(before));
    expect(await repair(store)).toMatchObject({ remarks: [] });
  });

  test('lets the version be staged, promoted, signed and extended as before', async () => {
    const store = await published();
    await store.delete(record);
    await repair(store);
    const archives = await releaseOf('9.1.3', { platforms: more });
    expect(isSettled(await planned(registry(store), archives, { key: 'c' }))).toBe(true);
    const others = await releaseOf('9.1.3', { platforms: more, program: (platform) => platform });
    await expect(planned(registry(store), others)).rejects.toThrow(
      'version 9.1.3 was made of an archive for darwin_arm64 with other files than the one in s3://artifacts/',
    );
    const production = memoryStore('s3://production');
    const request = { signer: await signerNamed('c'), at: now };
    await expect(
      planPromotion(registry(store), registry(production), { ...request, archives: others }),
    ).rejects.toThrow('nothing was promoted');
    const promotion = await planPromotion(registry(store), registry(production), {
      ...request,
      archives,
    });
    await applyPublish(promotion, { at: now });
    const { value } = (await readManifest(registry(production), version))!;
    expect(value.packages.map(({ archive }) => archive)).toEqual(
      archives.archives.map(({ sha256 }) => sha256),
    );
    const signer = await signerNamed('d');
    await applyPublish(await planResign(registry(store), version, { signer }), { at: now });
    const five = await releaseOf('9.1.3', { platforms: [...more, 'linux_arm64'] });
    await publish(registry(store), five, { addPlatforms: true, key: 'd' });
    expect(await findingsIn(store)).toEqual([]);
  });

  test('is made again where only the index of a mirror says that the version was published', async () => {
    const store = await published();
    await store.delete(record);
    await store.delete(index);
    await repair(store);
    expect(await versionsIn(store)).toEqual(['9.1.3']);
    expect((await readManifest(registry(store), version))?.value.revision).toBe(2);
  });

  test('is made again when somebody says that the version was published, where nothing else does', async () => {
    const store = await published();
    for (const key of [record, index, mirror]) await store.delete(key);
    const remark =
      'version 9.1.3 has documents and no record, and is not listed. If it was published, run `tf-repair --published --tag terraform-provider-teleport-v9.1.3`, which makes its record again and lists it; an attempt that was never completed is completed by tf-stage or tf-release for its tag';
    const lost = [`${index}: is missing`, remark];
    expect(await repair(store)).toMatchObject({ remarks: lost, open: [remark] });
    expect(await versionsIn(store)).toEqual([]);
    expect(await repair(store)).toMatchObject({ remarks: [remark], open: [] });
    await repair(store, { published: version });
    expect(await versionsIn(store)).toEqual(['9.1.3']);
    expect((await readManifest(registry(store), version))?.value.revision).toBe(2);
    expect(await findingsIn(store)).toEqual([]);
  });

  test.each([
    [
      'a zip was overwritten',
      zip,
      'x',
      /has the sha256 .* \(`tf-repair --zips-from PLACE --tag terraform-provider-teleport-v9\.1\.3` restores it, from the other registry, the archives of the tag, or a folder\)/,
    ],
    ['a document was changed', linux, '{}', /linux\/amd64: is another one than the others say/],
    ['a document was changed', linux, undefined, /is not there/],
    ['the sums were changed', 'SHA256SUMS', 'x\n', /SHA256SUMS: is another one/],
    ['the signature was overwritten', '.sig', 'x', /is not a detached binary signature/],
    ['the signature is gone', '.sig', undefined, /\.sig: is not there/],
  ])('is not made again when %s: %s', async (_, ending, content, reason) => {
    const store = await published();
    await store.delete(record);
    // Those of the last revision and key are what the documents lead to.
    const key = [...(await contentsOf(store)).keys()].find(
      (each) =>
        each.endsWith(ending) &&
        !each.includes('_9.1.3_SHA256') &&
        (ending !== '.sig' || each.includes(keyOfB)),
    )!;
    if (content === undefined) await store.delete(key);
    else await put(store, key, content);
    const { remarks } = await repair(store);
    expect(remarks).toEqual([expect.stringMatching(reason)]);
    expect(remarks[0]).toMatch(
      /^version 9\.1\.3 is listed and its record is gone; it stays listed\. The record cannot be made again: .*; restore that object or the record, releases\/gravitational\/teleport\/9\.1\.3\.json, from its older versions, and run this again$/,
    );
    expect(await versionsIn(store)).toEqual(['9.1.3']);
    expect(await store.head(record)).toBeUndefined();
    await expect(repair(store, { published: version })).rejects.toThrow(reason);
  });

  test('of a version of which there is nothing is nobody to be asked for', async () => {
    const store = await published();
    const published2 = parseVersion('9.1.4', 'test');
    await expect(repair(store, { published: published2 })).rejects.toMatchObject({
      code: 'not-found',
      message:
        's3://tf (gravitational/teleport): version 9.1.4 has no documents that its record could be made from; check the version',
    });
  });

  test('sends nobody in a circle: what cannot be staged again is for tf-repair', async () => {
    const store = await published();
    await store.delete(record);
    await expect(publish(registry(store), await releaseOf('9.1.3'))).rejects.toThrow(
      '`tf-repair --published --tag terraform-provider-teleport-v9.1.3` makes that again',
    );
  });
});

let keyOfB = '';
beforeAll(async () => {
  keyOfB = (await signerNamed('b')).keys[0].keyId;
});

describe('To discard is refused', () => {
  const refusal =
    /version 9\.1\.3 has no record, and documents that lead to zips \(registry\/.*\), by which clients may have installed it; nothing of it is discarded\. `tf-repair --published --tag terraform-provider-teleport-v9\.1\.3` makes its record again where it was published, and tf-stage or tf-release for its tag completes what was not/;

  test('when nothing says any more whether the version was published', async () => {
    const store = await published();
    await store.delete(record);
    await store.delete(index);
    await expect(planDiscard(registry(store), version)).rejects.toThrow(refusal);
    await store.delete(mirror);
    await expect(planDiscard(registry(store), version)).rejects.toThrow(refusal);
    // Also after the index was made again without it.
    await repair(store);
    await expect(planDiscard(registry(store), version)).rejects.toThrow(refusal);
    // And when it is whole for one platform only.
    await store.delete(keys.download(address, version, { os: 'darwin', arch: 'arm64' }));
    await expect(planDiscard(registry(store), version)).rejects.toThrow(refusal);
  });

  test('of what was published before there were records, whatever the index says', async () => {
    const store = memoryStore('s3://tf');
    await publishAsBefore(store, '9.1.3', { base: 'https://tf.example.com/' });
    await store.delete(index);
    await expect(planDiscard(registry(store), version)).rejects.toThrow(
      'nothing of it is discarded',
    );
  });

  test('not of what an attempt left before it wrote a document', async () => {
    const store = memoryStore('s3://tf');
    const dying = registry(mortal(store, { at: 3, when: 'after' }).store);
    await expect(publish(dying, await releaseOf('9.1.3'))).rejects.toThrow('killed');
    await applyDiscard(await planDiscard(registry(store), version));
    expect([...(await contentsOf(store)).keys()]).toEqual([]);
  });
});
