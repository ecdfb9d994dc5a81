import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { memoryStore, type ObjectStore } from '@teleport-plugins/object-store';
import { describeWithPeer } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { keys } from '../documents/layout.js';
import { indexLimit } from '../documents/versions.js';
import { readIndex } from '../registry.js';
import { applyRepair, planRepair } from '../repair/repair.js';
import { applyYank, planYank } from '../repair/yank.js';
import { listAsBefore, publishAsBefore } from '../test/old-registry.js';
import { address, now, publish, registryOf, releaseOf } from '../test/release.js';
import { host, serveStore, terraform, workspace } from '../test/terraform.js';
import { parseVersion } from '../version.js';
import { storeReader } from './reader.js';
import { verifyRegistry } from './verify.js';

const base = `https://${host}/`;
const empty = { version: '0.0.0', protocols: ['6'], platforms: null };

/** What production holds when this release system publishes there for the first time. */
async function production(): Promise<ObjectStore> {
  const store = memoryStore();
  await listAsBefore(store, empty);
  await publishAsBefore(store, '8.0.0', { base });
  await publishAsBefore(store, '8.0.1', { base });
  return store;
}

const registry = (store: ObjectStore) => registryOf(store, [host]);
const verify = (store: ObjectStore, hosts: readonly string[] = [host]) =>
  verifyRegistry(storeReader(store, hosts), address, { at: now });
const versionsIn = async (store: ObjectStore) =>
  (await readIndex(registry(store)))?.value.versions.map((each) => String(each.version));

describe('A registry of the tool before', () => {
  test('is published to, and nothing in it that Terraform takes is an error', async () => {
    const store = await production();
    await publish(registry(store), await releaseOf('9.1.3'));
    expect(await versionsIn(store)).toEqual(['0.0.0', '8.0.0', '8.0.1', '9.1.3']);
    const findings = await verify(store);
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const at = (where: RegExp) =>
      findings.filter((each) => where.test(each.where)).map(({ what }) => what);
    expect(at(/^registry.*versions$/)).toEqual([
      'lists version 0.0.0 for no platform, which nobody can install; tf-repair takes it out, unless there are documents of it',
    ]);
    expect(at(/8\.0\.0\/download\/linux\/amd64$/)).toEqual([
      'is served as binary/octet-stream, and other tools than Terraform expect application/json',
      'has the file name terraform-provider-teleport-v8.0.0-linux-amd64-bin.zip, and mirrors need terraform-provider-teleport_8.0.0_linux_amd64.zip',
      'has no packages, so lock files of OpenTofu hold this platform only',
      'its sums are of its own zip alone, so lock files made on another platform do not work on this one',
    ]);
    expect(at(/8\.0\.0-linux-amd64-bin\.zip$/)).toEqual([
      'has a file in it that is named "./terraform-provider-teleport", so lock files that have only its h1 do not work on the next machine',
    ]);
    expect(at(/9\.1\.3/)).toEqual([]);
  });

  test('keeps what others wrote in its index, as they wrote it', async () => {
    const store = await production();
    const odd = {
      version: '8.1.0',
      protocols: null,
      platforms: [{ os: 'plan9', arch: 'riscv64' }],
    };
    await listAsBefore(store, odd);
    await publish(registry(store), await releaseOf('9.1.3'));
    const bytes = await (await store.get(keys.index(address)))!.bytes(indexLimit);
    const { versions } = JSON.parse(Buffer.from(bytes).toString()) as { versions: unknown[] };
    expect(versions).toMatchObject([
      { version: '0.0.0', protocols: ['6'], platforms: [] },
      { version: '8.0.0', protocols: ['4.0', '5.1'], platforms: [{}, {}] },
      { version: '8.0.1' },
      { ...odd, protocols: [] },
      { version: '9.1.3' },
    ]);
  });

  test('is elsewhere when its documents name another host', async () => {
    const store = await production();
    const whats = (await verify(store, ['other.example.com'])).filter(({ where }) =>
      where.startsWith(`${base}store/`),
    );
    expect(whats).toContainEqual({
      severity: 'error',
      where: `${base}store/terraform-provider-teleport-v8.0.0-linux-amd64-bin.zip`,
      what: 'is not there',
    });
  });

  test('has errors where a zip is gone or another one', async () => {
    const store = await production();
    await publish(registry(store), await releaseOf('9.1.3'));
    const zip = 'store/terraform-provider-teleport-v8.0.0-linux-amd64-bin.zip';
    await store.delete(zip);
    const errors = async () =>
      (await verify(store))
        .filter(({ severity }) => severity === 'error')
        .map(({ where }) => where);
    expect(await errors()).toEqual([zip]);
  });

  test('loses no version that can be installed by a repair, and that for no platform', async () => {
    const store = await production();
    await publish(registry(store), await releaseOf('9.1.3'));
    const plan = await planRepair(registry(store));
    expect(plan.remarks).toEqual([
      'version 0.0.0 is listed, and there is neither a record nor a document of it; it is taken out',
    ]);
    await applyRepair(plan);
    expect(await versionsIn(store)).toEqual(['8.0.0', '8.0.1', '9.1.3']);
    await store.delete(keys.index(address));
    await applyRepair(await planRepair(registry(store)));
    expect(await versionsIn(store)).toEqual(['8.0.0', '8.0.1', '9.1.3']);
  });

  test('keeps a version listed of which a document cannot be read, and says which', async () => {
    const store = await production();
    const key = keys.download(address, parseVersion('8.0.0', 'x'), { os: 'linux', arch: 'amd64' });
    const other = keys.download(address, parseVersion('8.0.0', 'x'), {
      os: 'darwin',
      arch: 'amd64',
    });
    for (const each of [key, other]) {
      await store.put(each, Buffer.from('<html>'), { mode: 'overwrite', contentType: 'text/html' });
    }
    const { remarks } = await planRepair(registry(store));
    expect(remarks).toContain(
      `version 8.0.0 is listed and has no record, and ${other}: is not JSON; it stays listed. Restore the object from its older versions`,
    );
  });

  test('lists nothing by an object that is beside its documents', async () => {
    const store = await production();
    for (const name of ['linux', 'linux/amd64/x', 'LINUX/amd64', 'linux/..%2f']) {
      const key = `registry/gravitational/teleport/8.0.0/download/${name}`;
      await store.put(key, Buffer.from('x'), { mode: 'create', contentType: 'text/plain' });
    }
    const before = await readIndex(registry(store));
    const plan = await planRepair(registry(store));
    expect(plan.open).toEqual([]);
    await applyRepair(plan);
    expect((await readIndex(registry(store)))?.value.versions[0]?.platforms).toEqual(
      before?.value.versions[1]?.platforms,
    );
  });

  test.each([base, '../../../../../../'])(
    'lists no version anew whose zip is gone, and says which (addresses from %s)',
    async (from) => {
      const store = memoryStore('s3://tf');
      await publishAsBefore(store, '8.0.0', { base: from });
      await publishAsBefore(store, '8.0.1', { base: from });
      await store.delete('store/terraform-provider-teleport-v8.0.0-linux-amd64-bin.zip');
      const whole = await planRepair(registry(store));
      expect(whole.open).toEqual([
        'version 8.0.0: store/terraform-provider-teleport-v8.0.0-linux-amd64-bin.zip is gone or another one; it stays listed for its other platforms. Restore it with `tf-repair --zips-from`, and run this again',
      ]);
      await applyRepair(whole);
      expect(await versionsIn(store)).toEqual(['8.0.0', '8.0.1']);
      await store.delete(keys.index(address));
      await expect(publish(registry(store), await releaseOf('9.1.3'))).rejects.toThrow(
        'registry/gravitational/teleport/versions: is not there, and version 8.0.0 cannot be listed in a new one: store/terraform-provider-teleport-v8.0.0-linux-amd64-bin.zip is gone or another one; run release:tf-repair first',
      );
      const plan = await planRepair(registry(store));
      expect(plan.open).toEqual([
        'version 8.0.0: store/terraform-provider-teleport-v8.0.0-linux-amd64-bin.zip is gone or another one; it is not listed, and will be once they are back. Restore it with `tf-repair --zips-from`, and run this again',
      ]);
      await applyRepair(plan);
      expect(await versionsIn(store)).toEqual(['8.0.1']);
    },
  );

  test('has no record that could be made again', async () => {
    const store = await production();
    const published = parseVersion('8.0.0', 'x');
    await expect(planRepair(registry(store), { published })).rejects.toThrow(
      'registry/gravitational/teleport/8.0.0/download/darwin/amd64: was not written by this release system, so there is no record of version 8.0.0 to make again; tf-repair lists it by its documents',
    );
  });

  test('lets a version be withdrawn that was listed for no platform', async () => {
    const store = await production();
    const wish = { version: parseVersion('0.0.0', 'x'), reason: 'never was', hard: true };
    await applyYank(await planYank(registry(store), wish));
    expect(await versionsIn(store)).toEqual(['8.0.0', '8.0.1']);
  });

  test.each([
    [{ version: '8.1.0', protocols: ['6'], platforms: 'linux' }, /version 8\.1\.0: platforms: /],
    [
      { version: 'v8.1.0', protocols: ['6'], platforms: [] },
      /version: expected .* found "v8\.1\.0"/,
    ],
    [{ ...empty, extra: 1 }, /version 0\.0\.0: the member "extra" is not known/],
  ])(
    'that Terraform could not read either says which version that is: %j',
    async (entry, message) => {
      const store = await production();
      await listAsBefore(store, entry);
      const published = publish(registry(store), await releaseOf('9.1.3'));
      await expect(published).rejects.toThrow(message);
      await expect(published).rejects.toThrow('; run release:tf-repair, which writes it again');
    },
  );
});

describeWithPeer(terraform, (program) => {
  test('Terraform installs from a registry of the tool before, as the checker says', async () => {
    const store = memoryStore();
    const { url } = await serveStore(store);
    await listAsBefore(store, empty);
    const words = { protocols: ['v6'], platforms: [{ os: 'plan9', arch: 'x' }] };
    await listAsBefore(store, { version: '0.0.1', ...words });
    await publishAsBefore(store, '8.0.0', { base: url });
    const { run, directory } = await workspace(program, { registry: `${url}registry/` });
    expect(await run('init')).toMatchObject({ ok: true });
    const installed = `.terraform/providers/${host}/gravitational/teleport/8.0.0/linux_amd64`;
    const path = join(directory, installed, 'terraform-provider-teleport');
    expect(execFileSync(path, { encoding: 'utf8' })).toBe('8.0.0 linux_amd64\n');
    const lock = await readFile(join(directory, '.terraform.lock.hcl'), 'utf8');
    expect(lock.match(/"zh:/g)).toHaveLength(1);
  });
});
