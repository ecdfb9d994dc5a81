import { gzipSync } from 'node:zlib';

import { memoryStore, type ObjectStore } from '@teleport-plugins/object-store';
import { describe, expect, test } from 'vitest';

import { keys } from '../documents/layout.js';
import { readIndex, readManifest } from '../registry.js';
import { repack } from '../repack/repack.js';
import { archiveOf, tarOf } from '../test/archive.js';
import { collect } from '../test/content.js';
import { mortal } from '../test/faulty-store.js';
import { signingDate } from '../test/keys.js';
import {
  address,
  contentsOf,
  findingsIn,
  planned,
  publish,
  registryOf,
  releaseOf,
} from '../test/release.js';
import { parseVersion } from '../version.js';
import { applyPublish, type PublishEvent } from './apply.js';
import { describePlan, isSettled } from './publish-plan.js';

const base = 'gravitational/teleport';
const files = `store/${base}/9.1.3/terraform-provider-teleport_9.1.3`;
const versionsIn = async (store: ObjectStore) =>
  (await readIndex(registryOf(store)))?.value.versions.map(({ version }) => String(version));

describe('Publishing a version', () => {
  test('puts all there that clients need, with the labels they need', async () => {
    const store = memoryStore();
    const registry = registryOf(store, ['tf.example.com']);
    const plan = await publish(registry, await releaseOf('9.1.3'));
    const keyId = plan.release.keys[0]!.keyId;
    const found = new Map<string, string>();
    for await (const { key, contentType, cacheControl } of store.list('')) {
      found.set(key, `${contentType ?? ''} ${cacheControl ?? ''}`);
    }
    const [brief, forever] = ['public, max-age=60', 'public, max-age=31536000, immutable'];
    expect([...found]).toEqual([
      ['.well-known/terraform.json', `application/json ${brief}`],
      [`mirror/tf.example.com/${base}/9.1.3.json`, `application/json ${brief}`],
      [`mirror/tf.example.com/${base}/index.json`, `application/json ${brief}`],
      [`registry/${base}/9.1.3/download/darwin/arm64`, `application/json ${brief}`],
      [`registry/${base}/9.1.3/download/linux/amd64`, `application/json ${brief}`],
      [`registry/${base}/versions`, `application/json ${brief}`],
      [`releases/${base}/9.1.3.json`, 'application/json no-store'],
      [`${files}_SHA256SUMS`, `text/plain; charset=utf-8 ${forever}`],
      [`${files}_SHA256SUMS.${keyId}.sig`, `application/octet-stream ${forever}`],
      [`${files}_darwin_arm64.zip`, `application/zip ${forever}`],
      [`${files}_linux_amd64.zip`, `application/zip ${forever}`],
    ]);
    expect(await findingsIn(store)).toEqual([]);
  });

  test('writes exactly what its plan says, leaves first and the index last', async () => {
    const { store, writes } = mortal(memoryStore());
    const registry = registryOf(store, ['tf.example.com']);
    const plan = await planned(registry, await releaseOf('9.1.3'), {});
    expect(writes).toEqual([]);
    const lines = describePlan(plan).map((line) => line.split(/ +/).slice(0, 2));
    await applyPublish(plan, { at: signingDate });
    expect(lines).toEqual(
      [...plan.stages.flat(), plan.record, ...plan.shared].map(({ key }) => ['create', key]),
    );
    expect([...writes].sort()).toEqual(lines.map(([, key]) => key).sort());
    const kinds = writes.map((key) => key.replace(/^.*SHA256SUMS/, 'sums').replace(/\/.*/, ''));
    expect(kinds.map((kind) => (kind.startsWith('sums.') ? 'sig' : kind))).toEqual([
      ...['store', 'store', 'sums', 'sig'],
      ...kinds.slice(4, 8),
      ...['releases', 'registry', 'mirror'],
    ]);
  });

  test('twice does nothing the second time, and reads no archive', async () => {
    const store = memoryStore();
    const archives = await releaseOf('9.1.3');
    await publish(registryOf(store), archives);
    const before = await contentsOf(store);
    const again = mortal(store);
    const unread = archives.archives.map((each) => ({
      ...each,
      open: () => {
        throw new Error('was read');
      },
    }));
    const [first, ...others] = unread;
    const events: PublishEvent[] = [];
    const plan = await publish(
      registryOf(again.store),
      { ...archives, archives: [first!, ...others] },
      { onEvent: (event) => events.push(event) },
    );
    expect(isSettled(plan)).toBe(true);
    expect(again.writes).toEqual([]);
    expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(['kept']));
    expect(await contentsOf(store)).toEqual(before);
  });

  test('gives the same objects from the same archives', async () => {
    const [one, other] = [memoryStore(), memoryStore()];
    const before = process.env.TZ;
    await publish(registryOf(one), await releaseOf('9.1.3'));
    process.env.TZ = 'Pacific/Auckland';
    await publish(registryOf(other), await releaseOf('9.1.3'));
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
    expect(await contentsOf(other)).toEqual(await contentsOf(one));
  });

  test('does not write an index again that says the same in other words', async () => {
    const store = memoryStore();
    await publish(registryOf(store), await releaseOf('9.1.3'));
    const key = keys.index(address);
    const text = Buffer.from(await (await store.get(key))!.bytes(10 ** 6)).toString();
    const compact = Buffer.from(JSON.stringify({ id: base, ...(JSON.parse(text) as object) }));
    await store.put(key, compact, { mode: 'overwrite', contentType: 'application/json' });
    const { store: watched, writes } = mortal(store);
    const plan = await publish(registryOf(watched), await releaseOf('9.1.3'));
    expect(isSettled(plan)).toBe(true);
    expect(writes).toEqual([]);
  });

  test('leaves all other versions and the warnings as they are', async () => {
    const store = memoryStore();
    const index = {
      versions: [
        { version: '8.0.0', protocols: ['5.0'], platforms: [{ os: 'linux', arch: '386' }] },
      ],
      warnings: ['moved'],
    };
    await store.put(keys.index(address), Buffer.from(JSON.stringify(index)), {
      mode: 'create',
      contentType: 'application/json',
    });
    for (const version of ['9.1.3', '9.2.0-beta.1', '9.1.10']) {
      await publish(registryOf(store), await releaseOf(version));
    }
    expect((await readIndex(registryOf(store)))?.value).toMatchObject({
      versions: [index.versions[0], {}, {}, {}],
      warnings: ['moved'],
    });
    expect(await versionsIn(store)).toEqual(['8.0.0', '9.1.3', '9.1.10', '9.2.0-beta.1']);
  });

  test('keeps a zip that is there with the same files in other bytes', async () => {
    // The order of the files stands for another version of zlib: h1 does not know either.
    const licence = { name: 'LICENSE', content: 'Apache-2.0' };
    const program = { name: 'terraform-provider-teleport', content: 'x' };
    const other = archiveOf(gzipSync(await tarOf([licence, program])));
    const bytes = await collect(repack(other).content);
    const store = memoryStore();
    const key = `${files}_linux_amd64.zip`;
    await store.put(key, bytes, { mode: 'create', contentType: 'application/zip' });
    const archives = await releaseOf('9.1.3', { program: () => 'x', beside: [licence] });
    const plan = await publish(registryOf(store), archives);
    expect(plan.stages[0]?.map(({ act }) => act)).toEqual(['create', 'keep']);
    expect(await findingsIn(store)).toEqual([]);
    const stored = await (await store.get(key))?.bytes(10 ** 6);
    expect(Buffer.from(stored!).equals(bytes)).toBe(true);
  });
});

describe('A published version', () => {
  const { version } = { version: parseVersion('9.1.3', 'test') };

  async function published() {
    const store = memoryStore('s3://tf');
    await publish(registryOf(store), await releaseOf('9.1.3'));
    return store;
  }

  test.each([
    [
      'with other archives',
      { program: () => 'another program' },
      /^s3:\/\/tf \(gravitational\/teleport\): version 9\.1\.3 was made of an archive for darwin_arm64 with the sha256 [0-9a-f]{64}, and s3:\/\/artifacts\/.* has one with [0-9a-f]{64}; what is published never changes/,
    ],
    [
      'with fewer platforms',
      { platforms: ['linux_amd64'] },
      /is published for darwin_arm64, of which .* has no archive/,
    ],
    [
      'with more platforms',
      { platforms: ['linux_amd64', 'darwin_arm64', 'linux_arm'] },
      /is published without linux_arm; ask for the platforms to be added \(--add-platforms\)/,
    ],
  ])('is not published again %s', async (_, options, message) => {
    const store = await published();
    const before = await contentsOf(store);
    const again = publish(registryOf(store), await releaseOf('9.1.3', options));
    await expect(again).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(message) as string,
    });
    expect(await contentsOf(store)).toEqual(before);
  });

  test('gets a platform when that is asked for, in new sums for all', async () => {
    const store = await published();
    const before = await contentsOf(store);
    const platforms = ['linux_amd64', 'darwin_arm64', 'windows_amd64'];
    const plan = await publish(registryOf(store), await releaseOf('9.1.3', { platforms }), {
      addPlatforms: true,
    });
    expect(await findingsIn(store)).toEqual([]);
    const after = await contentsOf(store);
    for (const [key, sha256] of before) {
      if (key.startsWith('store/')) expect(after.get(key)).toBe(sha256);
    }
    expect(plan.release.revision).toBe(2);
    expect(after.has(`${files}_r2_SHA256SUMS`)).toBe(true);
    const [entry] = (await readIndex(registryOf(store)))?.value.versions ?? [];
    expect(entry?.platforms).toHaveLength(3);
    const settled = await planned(registryOf(store), await releaseOf('9.1.3', { platforms }));
    expect(isSettled(settled)).toBe(true);
  });

  test('of which an object was changed is not touched', async () => {
    for (const [key, code] of [
      [`${files}_linux_amd64.zip`, 'verification-failed'],
      [`${files}_SHA256SUMS`, 'conflict'],
      [`registry/${base}/9.1.3/download/linux/amd64`, 'conflict'],
      [`releases/${base}/9.1.3.json`, 'document-invalid'],
      [`registry/${base}/versions`, 'document-invalid'],
      ['.well-known/terraform.json', 'document-invalid'],
    ] as const) {
      const store = await published();
      await store.put(key, Buffer.from('{"damaged"'), { mode: 'overwrite', contentType: 'x/y' });
      const before = await contentsOf(store);
      const again = publish(registryOf(store), await releaseOf('9.1.3'));
      await expect(again).rejects.toMatchObject({
        code,
        message: expect.stringContaining(key) as string,
      });
      expect(await contentsOf(store)).toEqual(before);
    }
  });

  test('is the one of its record', async () => {
    const store = await published();
    expect((await readManifest(registryOf(store), version))?.value.packages).toHaveLength(2);
  });
});

describe('Nothing is published', () => {
  test('over a signature that an attempt with another key of the same name left', async () => {
    const store = memoryStore();
    const plan = await planned(registryOf(store), await releaseOf('9.1.3'));
    const key = plan.stages[2]![0]!.key;
    const labels = { mode: 'create', contentType: 'application/octet-stream' } as const;
    await store.put(key, Buffer.from('another'), labels);
    await expect(publish(registryOf(store), await releaseOf('9.1.3'))).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await versionsIn(store)).toBeUndefined();
  });

  test('when the signature would be from the future of clients', async () => {
    const store = memoryStore();
    const at = new Date('2026-11-01T12:00:00Z');
    await expect(
      publish(registryOf(store), await releaseOf('9.1.3'), { at }),
    ).rejects.toMatchObject({
      code: 'verification-failed',
      message: expect.stringContaining('is dated in the future') as string,
    });
    expect(await versionsIn(store)).toBeUndefined();
  });

  test('when the server ignores conditions', async () => {
    const store = { ...memoryStore(), honoursConditions: () => Promise.resolve(false) };
    await expect(publish(registryOf(store), await releaseOf('9.1.3'))).rejects.toMatchObject({
      code: 'conditions-ignored',
    });
    expect((await contentsOf(store)).size).toBe(0);
  });

  test('of another provider', async () => {
    const registry = { store: memoryStore(), address: { ...address, type: 'other' } };
    await expect(publish(registry, await releaseOf('9.1.3'))).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('over what an attempt with other archives left, and both digests are named', async () => {
    const inner = memoryStore();
    const dying = registryOf(mortal(inner, { at: 3, when: 'after' }).store);
    await expect(publish(dying, await releaseOf('9.1.3'))).rejects.toThrow('killed');
    const other = await releaseOf('9.1.3', { program: () => 'another program' });
    await expect(publish(registryOf(inner), other)).rejects.toThrow(
      /is there with the sha256 [0-9a-f]{64}, and would be [0-9a-f]{64}; what is published never changes\. .* `tf-repair --discard --tag terraform-provider-teleport-v9\.1\.3` removes it/,
    );
  });
});
