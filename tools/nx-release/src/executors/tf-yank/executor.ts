import type { ExecutorContext } from '@nx/devkit';
import { applyUnyank, applyYank } from '@teleport-plugins/terraform-registry';

import { processHost } from '../../host.js';
import { openReceipt } from '../../step/report.js';
import { runStep } from '../../step/run-step.js';
import { dryRunDone, showPlan, showPolicy } from '../../step/show.js';
import { openNamedRegistry, openRegistryStep } from '../../terraform/registry-step.js';
import {
  describeYanking,
  isDone,
  planYanking,
  receiptOf,
  refuseUnconfirmed,
  summaryOf,
  type YankOptions,
} from './plan.js';

/**
 * Warns everybody who installs the provider of a version, or takes that out of the index, which breaks those who
 * use it; or undoes either.
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

    const yanking = await planYanking(step, registry, options);
    const title = `${step.environment.name} Terraform ${role}: ${registry.store.name}`;
    showPlan(host, title, describeYanking(yanking));
    const done = `${summaryOf(yanking)}: ${yanking.plan.version} in ${registry.store.name}`;
    if (isDone(yanking)) return `already ${done}`;
    if (step.dryRun) return dryRunDone;
    refuseUnconfirmed(yanking, options);

    const receipt = await openReceipt({ ...step, selection: step.named });
    const { signal } = host;
    if (yanking.kind === 'yank') await applyYank(yanking.plan, { signal });
    else await applyUnyank(yanking.plan, { at: host.now(), signal });
    await receipt.write({ stores: [receiptOf(yanking)], allowed: [], places: stores });
    return done;
  });
}
