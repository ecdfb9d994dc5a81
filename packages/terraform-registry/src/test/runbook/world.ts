import { memoryStore, type ObjectStore } from '@teleport-plugins/object-store';

import type { ReleaseArchives } from '../../archives/listing.js';
import { keys } from '../../documents/layout.js';
import { planPromotion } from '../../promote/plan.js';
import { applyPublish } from '../../publish/apply.js';
import { planYank } from '../../repair/yank.js';
import type { RegistryReader } from '../../verify/reader.js';
import { verifyRegistry } from '../../verify/verify.js';
import { mortal } from '../faulty-store.js';
import { signerNamed } from '../keys.js';
import { address, now, publish, registryOf, releaseOf } from '../release.js';

export const host = 'terraform.releases.teleport.dev';
export const platforms = ['linux_amd64', 'linux_arm64'];

export const registry = (store: ObjectStore) => registryOf(store, [host]);
export const archivesOf = (changes: Parameters<typeof releaseOf>[1] = {}) =>
  releaseOf('9.1.3', { platforms, ...changes });

/** Of which one archive is not what it was. */
export const builtAgain = () =>
  archivesOf({
    program: (platform) =>
      platform === 'linux_amd64' ? 'built again' : `#!/bin/sh\necho 9.1.3 ${platform}\n`,
  });

export const index = keys.index(address);
export const mirror = keys.mirrorIndex(host, address);
export const record = 'releases/gravitational/teleport/9.1.3.json';
export const zip =
  'store/gravitational/teleport/9.1.3/terraform-provider-teleport_9.1.3_linux_amd64.zip';

/** A process that ended when the signature was there; another version is listed already. */
export async function interrupted() {
  const staging = memoryStore('s3://staging-bucket');
  await publish(registry(staging), await releaseOf('9.1.2', { platforms }));
  const archives = await archivesOf();
  const dying = mortal(staging, { at: 3, when: 'after' });
  await refusal(() => publish(registry(dying.store), archives));
  return { staging, archives };
}

export async function staged() {
  const staging = memoryStore('s3://staging-bucket');
  const archives = await archivesOf();
  await publish(registry(staging), archives);
  return { staging, archives };
}

export async function released(staging: ObjectStore, archives: ReleaseArchives) {
  const production = memoryStore('s3://production-bucket');
  await promote(staging, production, archives);
  return production;
}

export async function releasedWithSignature() {
  const { staging, archives } = await staged();
  const production = await released(staging, archives);
  let signature = '';
  for await (const { key } of production.list('store/')) if (key.endsWith('.sig')) signature = key;
  return { staging, archives, production, signature };
}

export async function promote(
  staging: ObjectStore,
  production: ObjectStore,
  archives: ReleaseArchives,
) {
  const signer = await signerNamed('b');
  const request = { archives, signer, at: now };
  const plan = await planPromotion(registry(staging), registry(production), request);
  await applyPublish(plan, { at: now });
}

export async function yankPlan(hard: boolean) {
  const { staging, archives } = await staged();
  const production = await released(staging, archives);
  const { version } = archives;
  const reason = 'the role resource loses its options';
  const plan = await planYank(registry(production), { version, reason, hard });
  return { plan, staging, production, archives };
}

export async function findingsIn(reader: RegistryReader): Promise<string> {
  const findings = await verifyRegistry(reader, address, { at: now });
  return findings.map(({ where, what }) => `${where}: ${what}`).join('\n');
}

export async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('was not refused');
}

export async function bytesOf(store: ObjectStore, key: string): Promise<Uint8Array> {
  return (await store.get(key))!.bytes(1_000_000);
}

export function put(store: ObjectStore, key: string, content: string | Uint8Array) {
  const labels = { mode: 'overwrite', contentType: 'application/json' } as const;
  return store.put(key, Buffer.from(content as string), labels);
}
