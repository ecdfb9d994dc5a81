import type { ObjectStore } from '@teleport-plugins/object-store';

import type { OperationOptions } from '../content.js';
import { formatDiscovery, parseDiscovery } from '../documents/discovery.js';
import { cacheControl, contentType, keys, registryBase } from '../documents/layout.js';
import { sumsOf, type ReleaseManifest } from '../documents/manifest.js';
import { TerraformRegistryError } from '../error.js';
import type { Registry } from '../registry.js';
import { sha256Of } from '../sha256.js';
import type { Signer } from '../signing/signer.js';
import { verifySignature } from '../signing/verify.js';
import { conflict, wantedBytes, type PlannedObject } from './planned.js';
import { signatureKey, signatureObject } from './release-objects.js';

const signatureLimit = 1024 * 1024;

/**
 * The signature of a release. One that is there and verifies with the same keys is kept, though another
 * day may be in it. One that does not is what no client accepts: it was overwritten where the release is
 * published, and is replaced; else somebody's attempt may have left it, and that is a `conflict`.
 */
export async function plannedSignature(
  { store }: Registry,
  release: Omit<ReleaseManifest, 'signature'>,
  signer: Signer,
  options: OperationOptions & { readonly isPublished: boolean },
): Promise<PlannedObject> {
  const sums = sumsOf(release);
  const wanted = signatureObject(release, await signer.sign(sums));
  const operation = options.signal && { signal: options.signal };
  const stored = await store.get(wanted.key, operation);
  if (stored === undefined) return { ...wanted, act: 'create' };
  const bytes = await stored.bytes(signatureLimit, operation);
  const sha256 = sha256Of(bytes);
  try {
    await verifySignature(sums, bytes, signer.keys, { where: `${store.name}/${wanted.key}` });
  } catch (error) {
    if (!(error instanceof TerraformRegistryError)) throw error;
    if (options.isPublished) return { ...wanted, act: 'replace', replaced: stored.version };
    throw conflict(store, wanted, sha256);
  }
  return { ...wanted, body: bytes, size: bytes.length, sha256, act: 'keep' };
}

/** The signature of a version that is committed. Throws `verification-failed` when it is not there. */
export async function storedSignature(
  { store }: Registry,
  release: ReleaseManifest,
  options: OperationOptions,
): Promise<PlannedObject> {
  const key = signatureKey(release);
  const operation = options.signal && { signal: options.signal };
  const stored = await store.get(key, operation);
  const bytes = await stored?.bytes(signatureLimit, operation);
  if (bytes !== undefined && sha256Of(bytes) === release.signature) {
    return { ...signatureObject(release, bytes), act: 'keep' };
  }
  throw new TerraformRegistryError(
    'verification-failed',
    `${store.name}/${key}: the version is published, and its signature is ${bytes === undefined ? 'gone' : 'another one'}; sign it again with tf-resign`,
  );
}

/** The discovery document, which may have more in it than is needed here. Throws `conflict`. */
export async function plannedDiscovery(
  store: ObjectStore,
  { signal }: OperationOptions,
): Promise<PlannedObject> {
  const labels = { contentType: contentType.json, cacheControl: cacheControl.brief };
  const wanted = wantedBytes(keys.discovery, formatDiscovery(), labels);
  const stored = await store.get(keys.discovery, signal && { signal });
  if (stored === undefined) return { ...wanted, act: 'create' };
  const bytes = await stored.bytes(65_536, signal && { signal });
  const where = `${store.name}/${keys.discovery}`;
  const base = parseDiscovery(bytes, where);
  if (base !== registryBase && base !== `..${registryBase}`) {
    throw new TerraformRegistryError(
      'conflict',
      `${where}: leads clients to ${JSON.stringify(base)}, and this writes to ${registryBase}; correct the document`,
    );
  }
  return { ...wanted, body: bytes, size: bytes.length, sha256: sha256Of(bytes), act: 'keep' };
}
