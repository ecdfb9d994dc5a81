import type { ExecutorContext } from '@nx/devkit';
import { applyYank } from '@teleport-plugins/terraform-registry';

import { processHost } from '../../host.js';
import { openReceipt } from '../../step/report.js';
import { runStep } from '../../step/run-step.js';
import { dryRunDone, showPlan, showPolicy } from '../../step/show.js';
import { openNamedRegistry, openRegistryStep } from '../../terraform/registry-step.js';
import {
  describeYank,
  planYanking,
  refuseUnconfirmed,
  shortReceipt,
  type YankOptions,
} from './plan.js';

/**
 * Warns everybody who installs the provider of a version, or takes that out of the index, which breaks those who
 * use it.
 */
export default function tfYank(
  options: YankOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openRegistryStep(options, context, host);
    const { registry, role, stores } = await openNamedRegistry(step, options, 'change');
    if (options.printPolicy === true) return showPolicy(host, stores);

    const plan = await planYanking(step, registry, options);
    const title = `${step.environment.name} Terraform ${role}: ${registry.store.name}`;
    showPlan(host, title, describeYank(plan));
    if (step.dryRun) return dryRunDone;
    refuseUnconfirmed(plan, options);

    const receipt = await openReceipt({ ...step, selection: step.named });
    await applyYank(plan, { signal: host.signal });
    await receipt.write({ stores: [shortReceipt(plan)], allowed: [], places: stores });
    return `${plan.hard ? 'withdrawn' : 'warned of'}: ${plan.version} in ${registry.store.name}`;
  });
}
