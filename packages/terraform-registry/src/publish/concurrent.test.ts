import {
  directoryStore,
  memoryStore,
  ObjectStoreError,
  type ObjectStore,
} from '@teleport-plugins/object-store';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { readIndex } from '../registry.js';
import { signingDate } from '../test/keys.js';
import {
  contentsOf,
  findingsIn,
  planned,
  publish,
  registryOf,
  releaseOf,
} from '../test/release.js';
import { applyPublish } from './apply.js';

const versionsIn = async (store: ObjectStore) =>
  (await readIndex(registryOf(store)))?.value.versions.map(({ version }) => String(version));

describe('Publishers at the same time', () => {
  const stores: readonly [string, () => Promise<ObjectStore>][] = [
    ['memory', () => Promise.resolve(memoryStore())],
    ['a directory', async () => directoryStore(await temporaryDirectory())],
  ];

  test.each(stores)('of different versions lose none, in %s', async (_, open) => {
    const store = await open();
    const versions = Array.from({ length: 12 }, (_each, number) => `9.1.${number}`);
    const releases = await Promise.all(versions.map((version) => releaseOf(version)));
    const plans = await Promise.all(
      releases.map((each) => planned(registryOf(store, ['h']), each)),
    );
    await Promise.all(
      plans.map((plan) => applyPublish(plan, { at: signingDate, pause: () => Promise.resolve() })),
    );
    expect(await versionsIn(store)).toEqual(versions);
    expect(await findingsIn(store)).toEqual([]);
  });

  test.each(stores)('of the same version publish it once, in %s', async (_, open) => {
    const store = await open();
    const archives = await releaseOf('9.1.3');
    const plans = await Promise.all(
      Array.from({ length: 6 }, () => planned(registryOf(store), archives)),
    );
    await Promise.all(plans.map((plan) => applyPublish(plan, { at: signingDate })));
    expect(await versionsIn(store)).toEqual(['9.1.3']);
    expect(await findingsIn(store)).toEqual([]);
    const alone = memoryStore();
    await publish(registryOf(alone), archives);
    expect(await contentsOf(store)).toEqual(await contentsOf(alone));
  });
});

describe('A store that refuses a write which nobody was in the way of', () => {
  test.each(['exists', 'changed'] as const)('by saying %s is asked again', async (code) => {
    const inner = memoryStore();
    let writes = 0;
    const store: ObjectStore = {
      ...inner,
      async put(key, body, options) {
        writes += 1;
        if (writes % 2 === 1) throw new ObjectStoreError(code, `${key}: a spurious refusal`);
        return inner.put(key, body, options);
      },
    };
    const pause = () => Promise.resolve();
    await publish(registryOf(store), await releaseOf('9.1.3'), { pause });
    const platforms = ['linux_amd64', 'darwin_arm64', 'linux_arm'];
    const more = await releaseOf('9.1.3', { platforms });
    await publish(registryOf(store), more, { pause, addPlatforms: true });
    expect(await findingsIn(store)).toEqual([]);
  });

  test('each time is given up', async () => {
    const refuse = () => Promise.reject(new ObjectStoreError('changed', 'a spurious refusal'));
    const store: ObjectStore = { ...memoryStore(), put: refuse };
    const publishing = publish(registryOf(store), await releaseOf('9.1.3'), {
      pause: () => Promise.resolve(),
    });
    await expect(publishing).rejects.toMatchObject({ code: 'contended' });
  });
});
