import { memoryStore, type ObjectStore } from '@teleport-plugins/object-store';
import { temporaryDirectory } from '@teleport-plugins/testing';

import type { ReleaseArchives } from '../archives/listing.js';
import { isProtocol } from '../documents/readers.js';
import { applyPublish, type ApplyOptions } from '../publish/apply.js';
import { planPublish, type PublishRequest } from '../publish/plan.js';
import type { PublishPlan } from '../publish/publish-plan.js';
import type { Registry } from '../registry.js';
import { sha256Of } from '../sha256.js';
import { storeReader } from '../verify/reader.js';
import { verifyRegistry } from '../verify/verify.js';
import { signerNamed, signingDate } from './keys.js';

import { releaseOf } from './release-archives.js';

export { releaseOf };

export const address = { namespace: 'gravitational', type: 'teleport' };
const protocols = ['6.0'].filter((text) => isProtocol(text));

/** When tests publish and verify. */
export const now = new Date('2026-11-03T00:00:00Z');

export function registryOf(store: ObjectStore, mirrorHosts: readonly string[] = []): Registry {
  return { store, address, mirrorHosts };
}

export async function planned(
  registry: Registry,
  archives: ReleaseArchives,
  options: Partial<PublishRequest> & { readonly key?: string } = {},
): Promise<PublishPlan> {
  const { key = 'a', ...request } = options;
  const signer = await signerNamed(key);
  const scratchDirectory = await temporaryDirectory();
  return planPublish(registry, { archives, signer, protocols, scratchDirectory, ...request });
}

export async function publish(
  registry: Registry,
  archives: ReleaseArchives,
  options: Partial<PublishRequest & ApplyOptions> & { readonly key?: string } = {},
): Promise<PublishPlan> {
  const plan = await planned(registry, archives, options);
  await applyPublish(plan, { at: now, ...options });
  return plan;
}

/** The hosts of the mirrors in `storeWith`. */
export const mirrorHosts = ['tf.example.com'];

/** A store in which versions are published, in the index and in a mirror. */
export async function storeWith(...versions: readonly string[]): Promise<ObjectStore> {
  const store = memoryStore('s3://tf');
  for (const each of versions) await publish(registryOf(store, mirrorHosts), await releaseOf(each));
  return store;
}

/** Everything in a store, by key. */
export async function contentsOf(store: ObjectStore): Promise<ReadonlyMap<string, string>> {
  const contents = new Map<string, string>();
  for await (const { key } of store.list('')) {
    const bytes = await (await store.get(key))?.bytes(10 ** 8);
    contents.set(key, bytes === undefined ? 'gone' : sha256Of(bytes));
  }
  return contents;
}

/** What clients would refuse of a registry. */
export function findingsIn(store: ObjectStore) {
  return verifyRegistry(storeReader(store), address, { at: signingDate });
}
