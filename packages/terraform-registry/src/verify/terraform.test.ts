import { execFileSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { memoryStore, type ObjectStore } from '@teleport-plugins/object-store';
import { describeWithPeer } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { planPromotion } from '../promote/plan.js';
import { applyPublish } from '../publish/apply.js';
import { readManifest } from '../registry.js';
import { planResign } from '../repair/resign.js';
import { signedByBoth } from '../signing/signer.js';
import { signerNamed } from '../test/keys.js';
import { address, now, publish, registryOf, releaseOf } from '../test/release.js';
import { host, serveStore, terraform, workspace } from '../test/terraform.js';
import { parseVersion } from '../version.js';

const platforms = ['linux_amd64', 'darwin_arm64', 'windows_amd64'];
const installed = `.terraform/providers/${host}/gravitational/teleport`;

describeWithPeer(terraform, (program) => {
  async function registryWith(...versions: readonly string[]) {
    const store = memoryStore();
    for (const version of versions) {
      await publish(registryOf(store, [host]), await releaseOf(version, { platforms }));
    }
    return store;
  }

  async function init(store: ObjectStore, constraint?: string, ...args: readonly string[]) {
    const { url, requests } = await serveStore(store);
    const registry = `${url}registry/`;
    const place = await workspace(program, {
      registry,
      ...(constraint !== undefined && { constraint }),
    });
    return { ...place, requests, ...(await place.run('init', ...args)) };
  }

  test('Terraform installs the newest version, and what it installs can be started', async () => {
    const { ok, output, directory, requests } = await init(await registryWith('9.1.3', '9.1.2'));
    expect(output).toContain(
      `Installed ${host}/gravitational/teleport v9.1.3 (self-signed, key ID`,
    );
    expect(ok).toBe(true);
    const path = join(directory, installed, '9.1.3/linux_amd64/terraform-provider-teleport_v9.1.3');
    expect(execFileSync(path, { encoding: 'utf8' })).toBe('9.1.3 linux_amd64\n');
    expect(requests.some((each) => each.endsWith('versions'))).toBe(true);
  });

  test('the lock file has the hashes of all platforms, and works again on the next machine', async () => {
    const store = await registryWith('9.1.3');
    const { directory, run } = await init(store);
    const lock = await readFile(join(directory, '.terraform.lock.hcl'), 'utf8');
    const manifest = await readManifest(registryOf(store), parseVersion('9.1.3', 'x'));
    for (const { sha256 } of manifest!.value.packages) expect(lock).toContain(`"zh:${sha256}"`);
    const own = manifest!.value.packages.find(({ platform }) => platform.os === 'linux');
    expect(lock).toContain(`"${own!.h1}"`);
    await rm(join(directory, '.terraform'), { recursive: true });
    expect(await run('init', '-lockfile=readonly')).toMatchObject({ ok: true });
    // Every h1 that Terraform computes is the one that is published.
    const all = platforms.map((platform) => `-platform=${platform}`);
    expect(await run('providers', 'lock', ...all)).toMatchObject({ ok: true });
    const whole = await readFile(join(directory, '.terraform.lock.hcl'), 'utf8');
    for (const { h1 } of manifest!.value.packages) expect(whole).toContain(`"${h1}"`);
  });

  test('a prerelease is installed by its exact version only', async () => {
    const store = await registryWith('9.1.3', '9.2.0-beta.1');
    expect((await init(store)).output).toContain('teleport v9.1.3 (');
    expect((await init(store, '~> 9.2')).ok).toBe(false);
    expect((await init(store, '9.2.0-beta.1')).output).toContain('teleport v9.2.0-beta.1 (');
  });

  test('a zip, sums or a signature that were tampered with are refused', async () => {
    for (const [part, message] of [
      ['linux_amd64.zip', 'checksum'],
      ['SHA256SUMS', 'invalid signature'],
      ['.sig', 'invalid signature'],
    ] as const) {
      const store = await registryWith('9.1.3');
      for await (const { key } of store.list('store/')) {
        if (!key.endsWith(part)) continue;
        const bytes = Buffer.from((await (await store.get(key))?.bytes(10 ** 6))!);
        bytes[bytes.length - 30] = (bytes[bytes.length - 30] ?? 0) ^ 1;
        await store.put(key, bytes, { mode: 'overwrite', contentType: 'application/octet-stream' });
      }
      const { ok, output } = await init(store);
      expect(ok).toBe(false);
      expect(output.replace(/\s+/g, ' ')).toContain(message);
    }
  });

  test('a signature by another key than the documents name is refused', async () => {
    const store = await registryWith('9.1.3');
    const other = await signerNamed('b');
    for await (const { key } of store.list('store/')) {
      if (!key.endsWith('.sig')) continue;
      const sums = await (await store.get(key.replace(/\.[0-9A-F]+\.sig$/, '')))?.bytes(10 ** 6);
      const signature = await other.sign(sums!);
      await store.put(key, signature, { mode: 'overwrite', contentType: 'x/y' });
    }
    const { ok, output } = await init(store);
    expect(ok).toBe(false);
    expect(output).toContain('authentication signature from unknown issuer');
  });

  test('after a rotation of keys, versions of before, between and after it are installed', async () => {
    const store = memoryStore();
    const [old, fresh] = [await signerNamed('a'), await signerNamed('b')];
    for (const [version, signer] of [
      ['9.1.1', old],
      ['9.1.2', signedByBoth(old, fresh)],
      ['9.1.3', fresh],
    ] as const) {
      await publish(registryOf(store), await releaseOf(version, { platforms }), { signer });
      const { output } = await init(store, version);
      expect(output).toContain(`teleport v${version} (`);
    }
  });

  test('production has the zips of staging, so that one lock file serves both', async () => {
    const [staging, production] = [await registryWith('9.1.3'), memoryStore()];
    const archives = await releaseOf('9.1.3', { platforms });
    const request = { archives, signer: await signerNamed('b'), at: now };
    const plan = await planPromotion(registryOf(staging), registryOf(production), request);
    await applyPublish(plan, { at: now });
    const locks = [];
    for (const store of [staging, production]) {
      const { ok, directory } = await init(store);
      expect(ok).toBe(true);
      locks.push(await readFile(join(directory, '.terraform.lock.hcl'), 'utf8'));
    }
    expect(locks[1]).toBe(locks[0]);
    // After the key of production was exchanged, too.
    const signer = await signerNamed('c');
    const version = parseVersion('9.1.3', 'test');
    await applyPublish(await planResign(registryOf(production), version, { signer }), { at: now });
    const { output } = await init(production);
    expect(output).toContain(`key ID ${signer.keys[0].keyId}`);
  });

  test('a platform that was added later is installed, and locked', async () => {
    const store = memoryStore();
    await publish(registryOf(store), await releaseOf('9.1.3', { platforms: ['linux_amd64'] }));
    await publish(registryOf(store), await releaseOf('9.1.3', { platforms }), {
      addPlatforms: true,
    });
    const { directory, ok } = await init(store);
    expect(ok).toBe(true);
    const lock = await readFile(join(directory, '.terraform.lock.hcl'), 'utf8');
    expect(lock.match(/"zh:/g)).toHaveLength(3);
  });

  test('the mirror that Terraform makes of it has its zips', async () => {
    const { directory, run } = await init(await registryWith('9.1.3'));
    const outcome = await run('providers', 'mirror', '-platform=windows_amd64', 'mirrored');
    expect(outcome.output).toContain('windows_amd64');
    const file = `${host}/gravitational/teleport/terraform-provider-teleport_9.1.3_windows_amd64.zip`;
    expect((await readFile(join(directory, 'mirrored', file))).length).toBeGreaterThan(100);
  });

  test('a warning of the registry is shown', async () => {
    const store = await registryWith('9.1.3');
    const key = `registry/${address.namespace}/${address.type}/versions`;
    const bytes = await (await store.get(key))!.bytes(10 ** 6);
    const index = JSON.parse(Buffer.from(bytes).toString()) as object;
    const warned = Buffer.from(JSON.stringify({ ...index, warnings: ['9.1.3 is deprecated'] }));
    await store.put(key, warned, { mode: 'overwrite', contentType: 'application/json' });
    expect((await init(store)).output).toContain('9.1.3 is deprecated');
  });

  test('a network mirror over the same zips installs it without the registry', async () => {
    const { url, certificate } = await serveStore(await registryWith('9.1.3', '9.1.2'), {
      tls: true,
    });
    const installation = `provider_installation {\n  network_mirror {\n    url = "${url}mirror/"\n  }\n}\n`;
    const { directory, run } = await workspace(program, { installation, ...certificate });
    const { output } = await run('init');
    expect(output).toContain('teleport v9.1.3 (');
    expect(await readFile(join(directory, '.terraform.lock.hcl'), 'utf8')).toContain('"h1:');
  });

  test('over HTTPS the registry is found by its discovery document', async () => {
    const { url, certificate, requests } = await serveStore(await registryWith('9.1.3'), {
      tls: true,
    });
    const source = new URL(url).host;
    const { run } = await workspace(program, { host: source, ...certificate });
    expect((await run('init')).output).toContain(
      `Installed ${source}/gravitational/teleport v9.1.3 (`,
    );
    expect(requests[0]).toBe('.well-known/terraform.json');
  });
});
