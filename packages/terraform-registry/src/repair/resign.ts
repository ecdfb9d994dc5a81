import type { OperationOptions } from '../content.js';
import { assemble, keptZips } from '../publish/assemble.js';
import { refuseYanked } from '../publish/plan.js';
import type { PublishPlan } from '../publish/publish-plan.js';
import { requireManifest, type Registry } from '../registry.js';
import type { Signer } from '../signing/signer.js';
import type { Version } from '../version.js';
import { committedReleases } from './committed.js';

/**
 * What signing a version with another key, or with two, will write: the signature, and the documents that
 * name the key. Its zips and sums stay, and so does the old signature, for clients that read the documents
 * a moment ago. The plan is applied as any other.
 */
export async function planResign(
  registry: Registry,
  version: Version,
  request: OperationOptions & { readonly signer: Signer },
): Promise<PublishPlan> {
  const advice = 'check the version, or publish it';
  const committed = await requireManifest(registry, version, advice, request);
  refuseYanked(
    registry,
    committed.value,
    'nobody is led to it, so its signature may stay as it is',
  );
  const zips = await keptZips(registry, committed.value, request);
  const { signer } = request;
  const unsigned = { ...committed.value, keys: signer.keys };
  return assemble(registry, { unsigned, zips, signer, committed }, request);
}

/** The versions that can be signed again: those that have a record and were not yanked. */
export async function resignableVersions(
  registry: Registry,
  options?: OperationOptions,
): Promise<readonly Version[]> {
  const releases = await committedReleases(registry, options);
  return releases.filter(({ yanked }) => yanked === undefined).map(({ version }) => version);
}
