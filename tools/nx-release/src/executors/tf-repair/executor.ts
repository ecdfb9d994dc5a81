import type { ExecutorContext } from '@nx/devkit';

import { processHost } from '../../host.js';
import { openReceipt } from '../../step/report.js';
import { runStep } from '../../step/run-step.js';
import { dryRunDone, showPlan, showPolicy } from '../../step/show.js';
import { openNamedRegistry, openRegistryStep } from '../../terraform/registry-step.js';
import { ended, planFor, refuseContradictions, summaryOf, type RepairOptions } from './plan.js';
import { storeWithZips } from './zip-source.js';

/**
 * Makes a Terraform registry again what its records say: its index, and the documents of all versions. Or restores zips
 * that are gone or other ones, or discards what an attempt to publish left that was never completed. Fails when
 * something is left for a person to do.
 */
export default function tfRepair(
  options: RepairOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openRegistryStep(options, context, host);
    refuseContradictions(step, options);
    const reads = storeWithZips(options.zipsFrom);
    const opened = await openNamedRegistry(step, options, 'change', reads);
    const { registry, role, stores } = opened;
    if (options.printPolicy === true) return showPolicy(host, stores);

    const act = await planFor(step, opened, options);
    showPlan(host, `${step.environment.name} Terraform ${role}: ${registry.store.name}`, act.lines);
    if (act.isNothing) {
      return ended(`nothing to ${act.verb} in ${registry.store.name}`, act, step.dryRun);
    }
    if (step.dryRun) return dryRunDone;

    const receipt = await openReceipt({ ...step, selection: step.named });
    const done = await act.apply({ signal: host.signal });
    await receipt.write({ stores: [done], allowed: [], places: stores });
    const changed = done.objects.filter(({ result }) => result !== 'already');
    return ended(summaryOf(act, registry, changed.length), act, step.dryRun);
  });
}
