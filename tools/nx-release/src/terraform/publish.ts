import type { TerraformRole } from '@teleport-plugins/release';
import {
  applyPublish,
  isSettled,
  type PublishEvent,
  type PublishPlan,
} from '@teleport-plugins/terraform-registry';

import type { Stores } from '../environment/stores.js';
import { refuseUnprotectedRelease } from '../step/protection.js';
import { noteDone, openReceipt } from '../step/report.js';
import { dryRunDone, showPlan } from '../step/show.js';
import type { ProviderStep } from '../step/step.js';
import { describePublish, platformsIn, publishProgress, storeReceipt } from './describe.js';
import { sourceAddress } from './registries.js';

const words = { staging: 'staged', production: 'released' } as const;

/** Shows what publishing a version will write, writes it, and returns the line that sums it up. */
export async function publishVersion(
  step: ProviderStep,
  role: TerraformRole,
  plan: PublishPlan,
  stores: Pick<Stores, 'traffic' | 'identity'>,
): Promise<string> {
  const { host, selection } = step;
  const { version } = selection;
  const address = sourceAddress(step, role);
  const { name } = plan.registry.store;
  const title = `${step.project} ${version} to ${address} in ${name}`;
  const isDone = isSettled(plan);
  if (!isDone || step.dryRun) showPlan(host, title, describePublish(plan, step.dryRun));
  if (isDone) {
    await noteDone(step, { stores: [storeReceipt(plan)], places: stores });
    return `already ${words[role]}: ${address} ${version} in ${name}`;
  }
  const allowed = await refuseUnprotectedRelease(step);
  if (step.dryRun) return dryRunDone;

  const receipt = await openReceipt(step);
  const events: PublishEvent[] = [];
  const show = publishProgress(host);
  const onEvent = (event: PublishEvent) => {
    events.push(event);
    show(event);
  };
  await applyPublish(plan, { at: host.now(), onEvent, signal: host.signal });
  await receipt.write({ stores: [storeReceipt(plan, events)], allowed, places: stores });
  return `${words[role]}: ${address} ${version} in ${name} (${platformsIn(plan)})`;
}
