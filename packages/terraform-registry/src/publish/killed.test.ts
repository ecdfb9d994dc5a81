import { memoryStore } from '@teleport-plugins/object-store';
import { describe, expect, test } from 'vitest';

import { mortal } from '../test/faulty-store.js';
import { contentsOf, findingsIn, publish, registryOf, releaseOf } from '../test/release.js';

describe('A publisher that is killed', () => {
  test.each(['before', 'after'] as const)(
    '%s any of its writes leaves a valid registry, and a second run completes it',
    async (when) => {
      const [archives, others] = [await releaseOf('9.1.3'), await releaseOf('9.1.2')];
      const hosts = ['tf.example.com'];
      const whole = memoryStore();
      await publish(registryOf(whole, hosts), others);
      const { store: counted, writes } = mortal(whole);
      await publish(registryOf(counted, hosts), archives);
      expect(writes.length).toBe(10);
      for (const at of writes.keys()) {
        const store = memoryStore();
        await publish(registryOf(store, hosts), others);
        const dying = registryOf(mortal(store, { at, when }).store, hosts);
        await expect(publish(dying, archives)).rejects.toThrow('killed');
        expect(await findingsIn(store)).toEqual([]);
        await publish(registryOf(store, hosts), archives);
        expect(await findingsIn(store)).toEqual([]);
        expect(await contentsOf(store)).toEqual(await contentsOf(whole));
      }
    },
  );

  test.each(['before', 'after'] as const)(
    '%s any of its writes while it adds a platform does too',
    async (when) => {
      const platforms = ['linux_amd64', 'darwin_arm64', 'windows_amd64'];
      const [archives, more] = [await releaseOf('9.1.3'), await releaseOf('9.1.3', { platforms })];
      const add = { addPlatforms: true };
      const whole = memoryStore();
      await publish(registryOf(whole), archives);
      const { store: counted, writes } = mortal(whole);
      await publish(registryOf(counted), more, add);
      expect(writes.length).toBe(8);
      for (const at of writes.keys()) {
        const store = memoryStore();
        await publish(registryOf(store), archives);
        await expect(
          publish(registryOf(mortal(store, { at, when }).store), more, add),
        ).rejects.toThrow('killed');
        expect((await findingsIn(store)).filter(({ severity }) => severity === 'error')).toEqual(
          [],
        );
        await publish(registryOf(store), more, add);
        expect(await contentsOf(store)).toEqual(await contentsOf(whole));
      }
    },
  );
});
