import type { ExecutorContext } from '@nx/devkit';
import { applyPublish, isSettled, type PublishEvent } from '@teleport-plugins/terraform-registry';

import { processHost } from '../../host.js';
import { count } from '../../step/amounts.js';
import { openReceipt } from '../../step/report.js';
import { runStep } from '../../step/run-step.js';
import { dryRunDone, showPlan, showPolicy } from '../../step/show.js';
import {
  openNamedRegistry,
  openRegistryStep,
  type RegistryOptions,
} from '../../terraform/registry-step.js';
import { describeResigning, mergedReceipt, planResigning } from './plan.js';

/**
 * Signs versions of a Terraform registry again, with the keys that the environment names now: one version, or all of
 * them. Zips and sums stay as they are.
 */
export default function tfResign(
  options: RegistryOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openRegistryStep(options, context, host);
    const { registry, role, stores } = await openNamedRegistry(step, options, 'change');
    if (options.printPolicy === true) return showPolicy(host, stores);

    const plans = await planResigning(step, role, registry);
    const open = plans.filter((plan) => !isSettled(plan));
    const all = count(plans.length, 'version');
    if (open.length === 0) return `already signed: ${all} in ${registry.store.name}`;
    const title = `${step.environment.name} Terraform ${role}: ${registry.store.name}`;
    showPlan(host, title, describeResigning(open, step.dryRun));
    if (step.dryRun) return dryRunDone;

    const receipt = await openReceipt({ ...step, selection: step.named });
    const events: PublishEvent[] = [];
    for (const plan of open) {
      const onEvent = (event: PublishEvent) => void events.push(event);
      await applyPublish(plan, { at: host.now(), onEvent, signal: host.signal });
      host.print(`  signed ${plan.release.version}`);
    }
    const done = mergedReceipt(open, events);
    await receipt.write({ stores: [done], allowed: [], places: stores });
    return `signed ${count(open.length, 'version')} of ${plans.length} in ${registry.store.name} with ${done.signedBy.join(' and ')}`;
  });
}
