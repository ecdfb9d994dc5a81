import { memoryStore, type ObjectStore } from '@teleport-plugins/object-store';
import { describe, expect, test } from 'vitest';

import { keys } from '../documents/layout.js';
import { applyPublish } from '../publish/apply.js';
import type { PlannedObject } from '../publish/planned.js';
import { isSettled } from '../publish/publish-plan.js';
import { readIndex, readManifest } from '../registry.js';
import { signedByBoth } from '../signing/signer.js';
import { mortal } from '../test/faulty-store.js';
import { signerNamed, signingDate } from '../test/keys.js';
import { publishAsBefore } from '../test/old-registry.js';
import {
  address,
  contentsOf,
  findingsIn,
  mirrorHosts,
  publish,
  registryOf,
  releaseOf,
  storeWith,
} from '../test/release.js';
import { parseVersion } from '../version.js';
import { applyDiscard, planDiscard } from './discard.js';
import { applyRepair, planRepair } from './repair.js';
import { planResign, resignableVersions } from './resign.js';
import { applyYank, planYank } from './yank.js';

const version = parseVersion('9.1.3', 'test');
const indexKey = keys.index(address);

async function repair(store: ObjectStore) {
  const plan = await planRepair(registryOf(store, mirrorHosts));
  await applyRepair(plan);
  return plan;
}

const put = (store: ObjectStore, key: string, content: string) =>
  store.put(key, Buffer.from(content), { mode: 'overwrite', contentType: 'application/json' });
const versionsIn = async (store: ObjectStore) =>
  (await readIndex(registryOf(store)))?.value.versions.map((each) => String(each.version));

/** A store in which something happens before its read of this number. */
function beforeRead(store: ObjectStore, at: number, happen: () => Promise<unknown>): ObjectStore {
  let reads = 0;
  const look = async () => {
    if (reads++ === at) await happen();
  };
  return {
    ...store,
    get: async (...request) => {
      await look();
      return store.get(...request);
    },
    head: async (...request) => {
      await look();
      return store.head(...request);
    },
    async *list(...request) {
      await look();
      yield* store.list(...request);
    },
  };
}

async function countReads(store: ObjectStore): Promise<number> {
  for (let at = 0; ; at += 1) {
    const happened: number[] = [];
    const watched = beforeRead(store, at, () => Promise.resolve(happened.push(at)));
    await planRepair(registryOf(watched, mirrorHosts));
    if (happened.length === 0) return at;
  }
}

describe('A repair', () => {
  test('of what is whole changes nothing', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    const { store: watched, writes } = mortal(store);
    expect((await repair(watched)).remarks).toEqual([]);
    expect(writes).toEqual([]);
  });

  test.each([
    ['is missing', (store: ObjectStore) => store.delete(indexKey)],
    ['is cut short', (store: ObjectStore) => put(store, indexKey, '{"versions":[{"ver')],
    ['lost a version', (store: ObjectStore) => put(store, indexKey, '{"versions":[]}')],
    [
      'has a version that nobody can read',
      (store: ObjectStore) =>
        put(store, indexKey, '{"versions":[{"version":"v1","protocols":["6"],"platforms":[]}]}'),
    ],
  ])('writes the index again that %s', async (_, damage) => {
    const store = await storeWith('9.1.2', '9.1.3', '9.2.0-beta.1');
    const before = await contentsOf(store);
    await damage(store);
    await repair(store);
    expect(await contentsOf(store)).toEqual(before);
  });

  test('keeps the warnings of an index that can be read, and says when they are lost', async () => {
    const store = await storeWith('9.1.3');
    await put(store, indexKey, '{"versions":[],"warnings":["moved"]}');
    await repair(store);
    expect((await readIndex(registryOf(store)))?.value.warnings).toEqual(['moved']);
    await put(store, indexKey, 'x');
    expect((await repair(store)).remarks).toEqual([
      expect.stringContaining('warnings that were in it are lost'),
    ]);
  });

  test('says which versions it takes out of the index, because nothing is left of them', async () => {
    const store = await storeWith('9.1.3');
    const entry = {
      version: '8.0.0',
      protocols: ['5.0'],
      platforms: [{ os: 'linux', arch: '386' }],
    };
    await put(store, indexKey, JSON.stringify({ versions: [entry] }));
    expect((await repair(store)).remarks).toEqual([
      'version 8.0.0 is listed, and there is neither a record nor a document of it; it is taken out',
    ]);
    expect(await versionsIn(store)).toEqual(['9.1.3']);
  });

  test('makes a record again that was lost, which the step makes whole', async () => {
    const whole = await contentsOf(await storeWith('9.1.2', '9.1.3'));
    const store = await storeWith('9.1.2', '9.1.3');
    await store.delete(keys.manifest(address, version));
    const { remarks } = await repair(store);
    expect(remarks).toEqual([
      'version 9.1.3: its record was gone, and is made again from its documents, sums, signature and zips',
    ]);
    expect(await versionsIn(store)).toEqual(['9.1.2', '9.1.3']);
    expect(await findingsIn(store)).toEqual([]);
    await publish(registryOf(store, mirrorHosts), await releaseOf('9.1.3'));
    const record = keys.manifest(address, version);
    const others = (all: ReadonlyMap<string, string>) => [...all].filter(([key]) => key !== record);
    expect(others(await contentsOf(store))).toEqual(others(whole));
  });

  test('says what a version may be that is in no index and no record, when the indexes are lost too', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    await store.delete(keys.manifest(address, version));
    await store.delete(indexKey);
    for (const host of mirrorHosts) await store.delete(keys.mirrorIndex(host, address));
    const { remarks } = await repair(store);
    expect(remarks).toEqual([
      `${indexKey}: is missing`,
      expect.stringMatching(/^version 9\.1\.3 has documents and no record, and is not listed\. If/),
    ]);
    expect(await versionsIn(store)).toEqual(['9.1.2']);
    await publish(registryOf(store, mirrorHosts), await releaseOf('9.1.3'));
    expect(await contentsOf(store)).toEqual(await contentsOf(await storeWith('9.1.2', '9.1.3')));
  });

  test('never takes out what somebody publishes meanwhile, at whichever moment', async () => {
    const steps = await countReads(await storeWith('9.1.2'));
    expect(steps).toBeGreaterThan(8);
    for (let at = 0; at < steps; at += 1) {
      const store = await storeWith('9.1.2');
      await put(store, indexKey, '{"versions":[]}');
      const late = await releaseOf('9.1.3');
      const plan = await planRepair(
        registryOf(
          beforeRead(store, at, () => publish(registryOf(store, mirrorHosts), late)),
          mirrorHosts,
        ),
      );
      await applyRepair(plan).catch((error: unknown) => {
        expect([at, error]).toEqual([at, expect.objectContaining({ code: 'contended' })]);
      });
      expect([at, await versionsIn(store)]).toEqual([at, expect.arrayContaining(['9.1.3'])]);
      await repair(store);
      expect([at, await versionsIn(store)]).toEqual([at, ['9.1.2', '9.1.3']]);
    }
  });

  test('lists no version anew of which a zip is gone, and says what to restore', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    const [zip = ''] = [...(await contentsOf(store)).keys()].filter((key) =>
      /9\.1\.3\/.*\.zip$/.test(key),
    );
    const bytes = await (await store.get(zip))?.bytes(1e6);
    await store.delete(zip);
    expect((await repair(store)).remarks).toEqual([
      `version 9.1.3: ${zip} is gone or another one; it stays listed for its other platforms. Restore it with \`tf-repair --zips-from\`, and run this again`,
    ]);
    expect(await versionsIn(store)).toEqual(['9.1.2', '9.1.3']);
    await store.delete(indexKey);
    expect((await repair(store)).remarks).toContain(
      `version 9.1.3: ${zip} is gone or another one; it is not listed, and will be once they are back. Restore it with \`tf-repair --zips-from\`, and run this again`,
    );
    expect(await versionsIn(store)).toEqual(['9.1.2']);
    await store.put(zip, bytes ?? Buffer.alloc(0), {
      mode: 'create',
      contentType: 'application/zip',
    });
    await repair(store);
    expect(await versionsIn(store)).toEqual(['9.1.2', '9.1.3']);
  });

  test('takes nothing out of a mirror of which there are documents', async () => {
    const store = await storeWith('9.1.3');
    const [host = ''] = mirrorHosts;
    const mirror = await (await store.get(keys.mirrorIndex(host, address)))?.bytes(1e6);
    await store.delete(keys.manifest(address, version));
    await store.delete(indexKey);
    await repair(store);
    expect(await (await store.get(keys.mirrorIndex(host, address)))?.bytes(1e6)).toEqual(mirror);
  });

  test('writes every other document again that was changed or is gone', async () => {
    const store = await storeWith('9.1.3');
    const before = await contentsOf(store);
    for (const key of before.keys()) {
      if (/\.zip$|\.sig$|^releases|^\.well-known/.test(key)) continue;
      await put(store, key, 'damaged');
      await repair(store);
      expect(await contentsOf(store)).toEqual(before);
      await store.delete(key);
      await repair(store);
      expect(await contentsOf(store)).toEqual(before);
    }
  });

  test('does not make visible what was never completed', async () => {
    const store = await storeWith('9.1.2');
    const dying = mortal(store, { at: 6, when: 'after' });
    await expect(
      publish(registryOf(dying.store, mirrorHosts), await releaseOf('9.1.3')),
    ).rejects.toThrow('killed');
    await store.delete(indexKey);
    await repair(store);
    expect(await versionsIn(store)).toEqual(['9.1.2']);
  });

  test('brings back versions that were published before there were records', async () => {
    const store = await storeWith('9.1.3');
    await publishAsBefore(store, '8.0.0', { base: '/' });
    await store.delete(indexKey);
    await repair(store);
    expect(await versionsIn(store)).toEqual(['8.0.0', '9.1.3']);
  });
});

describe('A repair while a version is signed again', () => {
  test('says to run it again, when it wrote documents of before, and puts them right then', async () => {
    const store = await storeWith('9.1.3');
    const signer = await signerNamed('b');
    const request = { signer };
    const record = keys.manifest(address, version);
    const dying: ObjectStore = {
      ...store,
      put: (key, ...rest) =>
        key === record ? Promise.reject(new Error('killed')) : store.put(key, ...rest),
    };
    const killed = await planResign(registryOf(dying, mirrorHosts), version, request);
    await expect(applyPublish(killed, { at: signingDate })).rejects.toThrow('killed');
    const repairing = await planRepair(registryOf(store, mirrorHosts));
    const again = await planResign(registryOf(store, mirrorHosts), version, request);
    await applyPublish(again, { at: signingDate });
    await expect(applyRepair(repairing)).rejects.toThrow(
      'the record of version 9.1.3 was changed by somebody else meanwhile; run this again, for documents of it may be those of before',
    );
    await repair(store);
    expect(isSettled(await planResign(registryOf(store, mirrorHosts), version, request))).toBe(
      true,
    );
  });
});

describe('Signing again', () => {
  test('changes the signature and the documents, and no zip and no sums', async () => {
    const store = await storeWith('9.1.3');
    const before = await contentsOf(store);
    const registry = registryOf(store, mirrorHosts);
    expect(await resignableVersions(registry)).toEqual(['9.1.3']);
    const both = signedByBoth(await signerNamed('a'), await signerNamed('b'));
    for (const signer of [both, await signerNamed('b')]) {
      await applyPublish(await planResign(registry, version, { signer }), { at: signingDate });
      expect(await findingsIn(store)).toEqual([]);
      const settled = await planResign(registry, version, { signer });
      expect(isSettled(settled)).toBe(true);
    }
    const after = await contentsOf(store);
    for (const [key, sha256] of before) {
      if (key.startsWith('store/')) expect(after.get(key)).toBe(sha256);
    }
    const { value } = (await readManifest(registry, version))!;
    expect(value.keys).toEqual((await signerNamed('b')).keys);
  });

  test('that is killed at any write leaves what clients accept, and can be run again', async () => {
    const signer = await signerNamed('b');
    for (let at = 0; at < 5; at += 1) {
      const store = await storeWith('9.1.3');
      const dying = registryOf(mortal(store, { at, when: 'after' }).store, mirrorHosts);
      const request = { signer };
      const killed = planResign(dying, version, request).then((plan) =>
        applyPublish(plan, { at: signingDate }),
      );
      if (at < 4) await expect(killed).rejects.toThrow('killed');
      else await killed;
      expect(await findingsIn(store)).toEqual([]);
      const again = await planResign(registryOf(store, mirrorHosts), version, request);
      await applyPublish(again, { at: signingDate });
      expect(await findingsIn(store)).toEqual([]);
    }
  });

  const signatureIn = async (store: ObjectStore) =>
    [...(await contentsOf(store)).keys()].find((key) => key.endsWith('.sig'))!;

  test.each(['the same key', 'another key', 'both'])(
    'with %s puts right a signature that was overwritten',
    async (which) => {
      const store = await storeWith('9.1.3');
      const [a, b] = [await signerNamed('a'), await signerNamed('b')];
      const signer = which === 'both' ? signedByBoth(a, b) : which === 'another key' ? b : a;
      const registry = registryOf(store, mirrorHosts);
      const signed = await planResign(registry, version, { signer });
      await applyPublish(signed, { at: signingDate });
      const before = await contentsOf(store);
      const [{ key }] = signed.stages[2] as readonly [PlannedObject];
      await put(store, key, 'overwritten');
      const plan = await planResign(registry, version, { signer });
      expect(plan.stages[2]).toMatchObject([{ act: 'replace', key }]);
      await applyPublish(plan, { at: signingDate });
      expect(await contentsOf(store)).toEqual(before);
      expect(await findingsIn(store)).toEqual([]);
    },
  );

  test('gives way to somebody who puts the signature right at the same time', async () => {
    const store = await storeWith('9.1.3');
    const key = await signatureIn(store);
    const right = Buffer.from(await (await store.get(key))!.bytes(10_000));
    await put(store, key, 'overwritten');
    const request = { signer: await signerNamed('a') };
    const plan = await planResign(registryOf(store, mirrorHosts), version, request);
    await store.put(key, right, { mode: 'overwrite', contentType: 'application/octet-stream' });
    await applyPublish(plan, { at: signingDate });
    expect(await findingsIn(store)).toEqual([]);
  });

  test('passes over a version that is withdrawn, and says why where that is named', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    const registry = registryOf(store, mirrorHosts);
    await applyYank(await planYank(registry, { version, reason: 'it leaks', hard: true }));
    expect(await resignableVersions(registry)).toEqual(['9.1.2']);
    await expect(planResign(registry, version, { signer: await signerNamed('b') })).rejects.toThrow(
      'version 9.1.3 was yanked: it leaks; nobody is led to it, so its signature may stay as it is, or bring this one back with `tf-yank --undo --tag terraform-provider-teleport-v9.1.3`',
    );
  });

  test('needs a version that is there', async () => {
    const registry = registryOf(await storeWith('9.1.2'));
    await expect(
      planResign(registry, version, { signer: await signerNamed('b') }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('Yanking', () => {
  test('warns, once, and keeps the version installable', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    for (let time = 0; time < 2; time += 1) {
      const plan = await planYank(registryOf(store, mirrorHosts), {
        version,
        reason: 'it leaks',
        hard: false,
      });
      expect(plan.consequences).toEqual([
        expect.stringContaining('9.1.3 should not be used: it leaks'),
      ]);
      await applyYank(plan);
    }
    const index = await readIndex(registryOf(store));
    expect(index?.value.warnings).toEqual([
      'gravitational/teleport 9.1.3 should not be used: it leaks',
    ]);
    expect(await versionsIn(store)).toEqual(['9.1.2', '9.1.3']);
  });

  test('hard takes it out of the index for good, and says whom that breaks', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    const plan = await planYank(registryOf(store, mirrorHosts), {
      version,
      reason: 'it leaks',
      hard: true,
    });
    expect(plan.consequences[0]).toContain(
      'fails for everybody whose lock file or constraint names 9.1.3',
    );
    await applyYank(plan);
    expect(await versionsIn(store)).toEqual(['9.1.2']);
    await repair(store);
    expect(await versionsIn(store)).toEqual(['9.1.2']);
    await expect(publish(registryOf(store), await releaseOf('9.1.3'))).rejects.toThrow(
      'was yanked: it leaks',
    );
    expect(await findingsIn(store)).toEqual([]);
  });

  test('hard holds against who signs the version again at the same time', async () => {
    const store = await storeWith('9.1.2', '9.1.3');
    const record = keys.manifest(address, version);
    // Right after the record is written, before the version is listed.
    const disturbed: ObjectStore = {
      ...store,
      put: async (key, ...rest) => {
        const written = await store.put(key, ...rest);
        if (key === record) {
          const wish = { version, reason: 'it leaks', hard: true };
          await applyYank(await planYank(registryOf(store, mirrorHosts), wish));
        }
        return written;
      },
    };
    const signer = await signerNamed('b');
    const plan = await planResign(registryOf(disturbed, mirrorHosts), version, { signer });
    await expect(applyPublish(plan, { at: signingDate })).rejects.toThrow('was yanked: it leaks');
    expect(await versionsIn(store)).toEqual(['9.1.2']);
  });

  test('hard that is killed at any write is completed by the next one', async () => {
    for (let at = 0; at < 3; at += 1) {
      const store = await storeWith('9.1.2', '9.1.3');
      const request = { version, reason: 'it leaks', hard: true };
      const dying = registryOf(mortal(store, { at, when: 'after' }).store, mirrorHosts);
      await expect(planYank(dying, request).then((plan) => applyYank(plan))).rejects.toThrow(
        'killed',
      );
      await applyYank(await planYank(registryOf(store, mirrorHosts), request));
      expect(await versionsIn(store)).toEqual(['9.1.2']);
    }
  });

  describe('hard a version that is from before there were records', () => {
    const old = parseVersion('8.0.0', 'test');
    const request = { version: old, reason: 'it leaks', hard: true };

    async function withOld() {
      const store = await storeWith('9.1.3');
      await publishAsBefore(store, '8.0.0', { base: '/' });
      expect(await versionsIn(store)).toEqual(['8.0.0', '9.1.3']);
      return store;
    }

    test('takes it out for good: no repair lists it again, and nobody publishes it', async () => {
      const store = await withOld();
      const plan = await planYank(registryOf(store, mirrorHosts), request);
      const before = await contentsOf(store);
      await applyYank(plan);
      const after = await contentsOf(store);
      const changed = [...after].filter(([key, sha256]) => before.get(key) !== sha256);
      const expected = [...plan.objects, ...plan.shared].filter(({ act }) => act !== 'keep');
      expect(changed.map(([key]) => key).sort()).toEqual(expected.map(({ key }) => key).sort());
      expect(await versionsIn(store)).toEqual(['9.1.3']);
      expect((await repair(store)).remarks).toEqual([]);
      await store.delete(indexKey);
      await repair(store);
      expect(await versionsIn(store)).toEqual(['9.1.3']);
      await store.delete(indexKey);
      await publish(registryOf(store, mirrorHosts), await releaseOf('9.1.4'));
      expect(await versionsIn(store)).toEqual(['9.1.3', '9.1.4']);
      await expect(publish(registryOf(store), await releaseOf('8.0.0'))).rejects.toThrow(
        'version 8.0.0 was yanked: it leaks; publish under a new version, or bring this one back with `tf-yank --undo --tag terraform-provider-teleport-v8.0.0`',
      );
      await expect(planDiscard(registryOf(store), old)).rejects.toThrow(
        'version 8.0.0 was yanked: it leaks; its files are what it can be brought back from',
      );
      expect(await resignableVersions(registryOf(store))).toEqual(['9.1.3', '9.1.4']);
    });

    test('that is killed at any write is completed by the next one, or by a repair', async () => {
      for (let at = 0; at < 2; at += 1) {
        for (const next of ['yank', 'repair']) {
          const store = await withOld();
          const dying = registryOf(mortal(store, { at, when: 'after' }).store, mirrorHosts);
          const killed = planYank(dying, request).then((plan) => applyYank(plan));
          await expect(killed).rejects.toThrow('killed');
          if (next === 'yank')
            await applyYank(await planYank(registryOf(store, mirrorHosts), request));
          else {
            const remarks = at === 0 ? ['version 8.0.0 was yanked, and is taken out'] : [];
            expect((await repair(store)).remarks).toEqual(remarks);
          }
          expect(await versionsIn(store)).toEqual(['9.1.3']);
        }
      }
    });
  });

  test('needs a version that is listed', async () => {
    const registry = registryOf(await storeWith('9.1.2'));
    const request = { version, reason: 'x', hard: true };
    await expect(planYank(registry, request)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('Discarding', () => {
  test('takes away what an attempt left, at whichever write it ended, until clients could install it', async () => {
    const clean = await contentsOf(await storeWith('9.1.2'));
    for (let at = 0; at < 8; at += 1) {
      const store = await storeWith('9.1.2');
      const dying = registryOf(mortal(store, { at, when: 'after' }).store, mirrorHosts);
      await expect(publish(dying, await releaseOf('9.1.3'))).rejects.toThrow('killed');
      const left = await contentsOf(store);
      const discarded = planDiscard(registryOf(store, mirrorHosts), version).then(applyDiscard);
      // From the first document on, unless the record says that the version is complete.
      if (at >= 4 && at < 7) await expect(discarded).rejects.toMatchObject({ code: 'conflict' });
      else await discarded;
      expect(await contentsOf(store)).toEqual(at < 4 ? clean : left);
      await publish(registryOf(store, mirrorHosts), await releaseOf('9.1.3'));
    }
  });

  test('leaves a version alone that somebody completes meanwhile', async () => {
    const whole = await storeWith('9.1.3');
    const store = memoryStore('s3://tf');
    // When the signature is written, and before any document.
    const dying = registryOf(mortal(store, { at: 3, when: 'after' }).store, mirrorHosts);
    await expect(publish(dying, await releaseOf('9.1.3'))).rejects.toThrow('killed');
    const plan = await planDiscard(registryOf(store, mirrorHosts), version);
    expect(plan.keys).toHaveLength(4);
    await publish(registryOf(store, mirrorHosts), await releaseOf('9.1.3'));
    await expect(applyDiscard(plan)).rejects.toMatchObject({ code: 'contended' });
    expect(await contentsOf(store)).toEqual(await contentsOf(whole));
  });

  test('takes nothing of a version that is complete', async () => {
    const store = await storeWith('9.1.3');
    await publish(
      registryOf(store, mirrorHosts),
      await releaseOf('9.1.3', { platforms: ['linux_amd64', 'darwin_arm64', 'linux_arm'] }),
      { addPlatforms: true },
    );
    expect((await planDiscard(registryOf(store, mirrorHosts), version)).keys).toEqual([]);
  });

  test('takes away what an attempt to add a platform left, when its documents are repaired', async () => {
    const store = await storeWith('9.1.3');
    const before = await contentsOf(store);
    const platforms = ['linux_amd64', 'darwin_arm64', 'linux_arm'];
    const dying = registryOf(mortal(store, { at: 5, when: 'after' }).store, mirrorHosts);
    await expect(
      publish(dying, await releaseOf('9.1.3', { platforms }), { addPlatforms: true }),
    ).rejects.toThrow('killed');
    await expect(planDiscard(registryOf(store, mirrorHosts), version)).rejects.toThrow(
      'run tf-repair before',
    );
    await repair(store);
    await applyDiscard(await planDiscard(registryOf(store, mirrorHosts), version));
    expect(await contentsOf(store)).toEqual(before);
  });

  test('touches no version that was published without a record', async () => {
    const store = await storeWith('9.1.3');
    await store.delete(keys.manifest(address, version));
    await expect(planDiscard(registryOf(store), version)).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});
