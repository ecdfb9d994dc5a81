import { memoryStore, type ObjectStore } from '@teleport-plugins/object-store';
import { describe, expect, test } from 'vitest';

import { keys } from '../documents/layout.js';
import { readIndex } from '../registry.js';
import { applyYank, planYank } from '../repair/yank.js';
import { mortal } from '../test/faulty-store.js';
import { signingDate } from '../test/keys.js';
import { publishAsBefore } from '../test/old-registry.js';
import {
  address,
  contentsOf,
  findingsIn,
  mirrorHosts,
  planned,
  publish,
  registryOf,
  releaseOf,
  storeWith,
} from '../test/release.js';
import { parseVersion } from '../version.js';
import { applyPublish } from './apply.js';

const indexKey = keys.index(address);
const mirrorKey = keys.mirrorIndex('tf.example.com', address);
const versionsIn = async (store: ObjectStore) =>
  (await readIndex(registryOf(store)))?.value.versions.map((each) => String(each.version));

describe('Publishing where the index was lost', () => {
  test('lists every other version that was committed, in the mirror as well, and says so', async () => {
    const store = await storeWith('9.1.1', '9.1.2');
    const whole = await storeWith('9.1.1', '9.1.2', '9.1.3');
    await store.delete(indexKey);
    await store.delete(mirrorKey);
    const plan = await publish(registryOf(store, mirrorHosts), await releaseOf('9.1.3'));
    expect(plan.warnings).toEqual([
      `s3://tf/${indexKey}: is not there, and is made again with 9.1.1, 9.1.2 as well, from their records; warnings that were in it are lost`,
    ]);
    expect(await contentsOf(store)).toEqual(await contentsOf(whole));
    expect(await findingsIn(store)).toEqual([]);
  });

  test('does so also when it is lost after the plan was made', async () => {
    const store = await storeWith('9.1.1');
    const plan = await planned(registryOf(store, mirrorHosts), await releaseOf('9.1.2'));
    await store.delete(indexKey);
    await store.delete(mirrorKey);
    await applyPublish(plan, { at: signingDate });
    expect(await contentsOf(store)).toEqual(await contentsOf(await storeWith('9.1.1', '9.1.2')));
  });

  test('is nothing to speak of for the first version that ever is', async () => {
    const plan = await publish(registryOf(memoryStore(), mirrorHosts), await releaseOf('9.1.3'));
    expect(plan.warnings).toEqual([]);
  });

  test('lists versions from before there were records', async () => {
    const store = await storeWith('9.1.2');
    await publishAsBefore(store, '8.0.0', { base: '/' });
    await store.delete(indexKey);
    await publish(registryOf(store, mirrorHosts), await releaseOf('9.1.3'));
    expect(await versionsIn(store)).toEqual(['8.0.0', '9.1.2', '9.1.3']);
  });

  test('brings back no version that was withdrawn, and none that was never completed', async () => {
    const store = await storeWith('9.1.1', '9.1.2');
    const version = parseVersion('9.1.1', 'test');
    const request = { version, reason: 'it leaks', hard: true };
    await applyYank(await planYank(registryOf(store, mirrorHosts), request));
    const dying = mortal(store, { at: 6, when: 'after' });
    const killed = publish(registryOf(dying.store, mirrorHosts), await releaseOf('9.1.4'));
    await expect(killed).rejects.toThrow('killed');
    await store.delete(indexKey);
    await store.delete(mirrorKey);
    await publish(registryOf(store, mirrorHosts), await releaseOf('9.1.3'));
    expect(await versionsIn(store)).toEqual(['9.1.2', '9.1.3']);
    expect(await findingsIn(store)).toEqual([]);
  });

  test.each([
    ['document', /\/9\.1\.2\/download\/linux\/amd64$/],
    ['zip', /_9\.1\.2_linux_amd64\.zip$/],
    ['signature', /_9\.1\.2_SHA256SUMS\..*\.sig$/],
    ['sums', /_9\.1\.2_SHA256SUMS$/],
  ])('is refused when a %s of another version is gone with it', async (_, pattern) => {
    const store = await storeWith('9.1.2');
    const lost = [...(await contentsOf(store)).keys()].find((key) => pattern.test(key))!;
    await store.delete(lost);
    await store.delete(indexKey);
    const before = await contentsOf(store);
    await expect(publish(registryOf(store, mirrorHosts), await releaseOf('9.1.3'))).rejects.toThrow(
      `s3://tf/${indexKey}: is not there, and version 9.1.2 cannot be listed in a new one: ${lost} is gone or another one; run release:tf-repair first`,
    );
    expect(await contentsOf(store)).toEqual(before);
  });

  test('leaves out of the index of a new mirror what no mirror has', async () => {
    const store = memoryStore();
    await publish(registryOf(store), await releaseOf('9.1.2'));
    await publish(registryOf(store, mirrorHosts), await releaseOf('9.1.3'));
    const bytes = await (await store.get(mirrorKey))!.bytes(10_000);
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({ versions: { '9.1.3': {} } });
  });
});

describe('Yanking where the index was lost', () => {
  const version = parseVersion('9.1.2', 'test');

  test('is refused before anything is written', async () => {
    const store = await storeWith('9.1.1', '9.1.2');
    await store.delete(indexKey);
    for (const hard of [true, false]) {
      const planning = planYank(registryOf(store, mirrorHosts), {
        version,
        reason: 'it leaks',
        hard,
      });
      await expect(planning).rejects.toThrow(
        's3://tf (gravitational/teleport): version 9.1.2 is not listed, because there is no index; if anything was published, run release:tf-repair first',
      );
    }
  });

  test('after the plan was made keeps all other versions', async () => {
    const store = await storeWith('9.1.1', '9.1.2');
    const plan = await planYank(registryOf(store, mirrorHosts), {
      version,
      reason: 'x',
      hard: true,
    });
    await store.delete(indexKey);
    await store.delete(mirrorKey);
    await applyYank(plan);
    expect(await versionsIn(store)).toEqual(['9.1.1']);
    expect(await findingsIn(store)).toEqual([]);
    const bytes = await (await store.get(mirrorKey))!.bytes(10_000);
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({ versions: { '9.1.1': {} } });
  });
});

describe('A damaged document of the registry', () => {
  const record = keys.manifest(address, parseVersion('9.1.2', 'test'));
  test.each([
    [indexKey, 'run release:tf-repair, which writes it again'],
    [mirrorKey, 'run release:tf-repair, which writes it again'],
    [record, 'restore the object from its older versions'],
  ])('%s is told with what to do, and nothing is written', async (key, act) => {
    const store = await storeWith('9.1.2');
    for (const damage of ['{"versions":[', '[]', '{"versions":7}']) {
      const labels = { mode: 'overwrite', contentType: 'application/json' } as const;
      await store.put(key, Buffer.from(damage), labels);
      const before = await contentsOf(store);
      await expect(
        publish(registryOf(store, mirrorHosts), await releaseOf('9.1.2')),
      ).rejects.toThrow(
        expect.objectContaining({
          code: 'document-invalid',
          message: expect.stringMatching(new RegExp(`^s3://tf/${key}: [^;]+; ${act}$`)) as string,
        }),
      );
      expect(await contentsOf(store)).toEqual(before);
    }
  });
});
