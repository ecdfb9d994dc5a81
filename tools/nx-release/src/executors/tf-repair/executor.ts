import type { ExecutorContext } from '@nx/devkit';
import { applyDiscard, applyRepair, type PublishEvent } from '@teleport-plugins/terraform-registry';

import { processHost } from '../../host.js';
import { count } from '../../step/amounts.js';
import { openReceipt } from '../../step/report.js';
import { runStep } from '../../step/run-step.js';
import { dryRunDone, showPlan, showPolicy } from '../../step/show.js';
import { openNamedRegistry, openRegistryStep } from '../../terraform/registry-step.js';
import {
  describeDiscard,
  describeRepair,
  discardReceipt,
  ended,
  planFor,
  repairReceipt,
  type RepairOptions,
} from './plan.js';

/**
 * Makes a Terraform registry again what its records say: its index, and the documents of all versions. Or discards
 * what an attempt to publish left that was never completed. Fails when something is left for a person to do.
 */
export default function tfRepair(
  options: RepairOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openRegistryStep(options, context, host);
    const { registry, role, stores } = await openNamedRegistry(step, options, 'change');
    if (options.printPolicy === true) return showPolicy(host, stores);
    const { signal } = host;
    const title = `${step.environment.name} Terraform ${role}: ${registry.store.name}`;

    const plan = await planFor(step, registry, options);
    const lines =
      plan.kind === 'discard' ? describeDiscard(plan) : describeRepair(plan, step.dryRun);
    showPlan(host, title, lines);
    if (plan.isNothing) {
      const nothing = `nothing to ${plan.kind} in ${registry.store.name}`;
      return plan.kind === 'discard' ? nothing : ended(nothing, plan, step.dryRun);
    }
    if (step.dryRun) return dryRunDone;

    const receipt = await openReceipt({ ...step, selection: step.named });
    if (plan.kind === 'discard') {
      await applyDiscard(plan.discard, { signal });
      await receipt.write({ stores: [discardReceipt(plan)], allowed: [], places: stores });
      return `discarded ${count(plan.discard.keys.length, 'object')} in ${registry.store.name}`;
    }
    const events: PublishEvent[] = [];
    await applyRepair(plan.repair, { onEvent: (event) => void events.push(event), signal });
    await receipt.write({ stores: [repairReceipt(plan, events)], allowed: [], places: stores });
    const written = events.filter(({ kind }) => kind !== 'kept');
    const repaired = `repaired ${count(written.length, 'object')} in ${registry.store.name}`;
    return ended(repaired, plan, step.dryRun);
  });
}
