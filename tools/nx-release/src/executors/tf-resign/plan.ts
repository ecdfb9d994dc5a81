import { selectVersion, type StoreReceipt, type TerraformRole } from '@teleport-plugins/release';
import {
  planResign,
  resignableVersions,
  type PublishEvent,
  type PublishPlan,
  type Registry,
} from '@teleport-plugins/terraform-registry';

import { releaseOf } from '../../archives/release.js';
import type { Line } from '../../step/show.js';
import { describePublish, storeReceipt } from '../../terraform/describe.js';
import type { RegistryStep } from '../../terraform/registry-step.js';
import { openSigner } from '../../terraform/signer.js';

/** What signing the version that the options name, or all versions, will write. Reads only. */
export async function planResigning(
  step: RegistryStep,
  role: TerraformRole,
  registry: Registry,
): Promise<readonly PublishPlan[]> {
  const { named, plugin, host } = step;
  const { signal } = host;
  const versions =
    named === undefined
      ? await resignableVersions(registry, { signal })
      : [releaseOf(step).version];
  const plans: PublishPlan[] = [];
  for (const version of versions) {
    // A signature has the date of its release.
    const signer = await openSigner(
      { ...step, selection: selectVersion({ version }, plugin) },
      role,
    );
    plans.push(await planResign(registry, version, { signer, signal }));
  }
  return plans;
}

export function describeResigning(plans: readonly PublishPlan[], dryRun: boolean): readonly Line[] {
  return plans.flatMap((plan): readonly Line[] => [
    ['version', plan.release.version],
    ...describePublish(plan, dryRun),
  ]);
}

/** All that was written, in one store. */
export function mergedReceipt(
  plans: readonly PublishPlan[],
  events: readonly PublishEvent[],
): StoreReceipt {
  const receipts = plans.map((plan) => storeReceipt(plan, events));
  const [store = ''] = receipts.map((each) => each.store);
  const objects = new Map(
    receipts.flatMap((each) => each.objects).map((object) => [object.key, object]),
  );
  return {
    store,
    objects: [...objects.values()],
    signedBy: [...new Set(receipts.flatMap((each) => each.signedBy))],
  };
}
