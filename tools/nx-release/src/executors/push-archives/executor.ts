import type { ExecutorContext } from '@nx/devkit';
import type { ObjectReceipt } from '@teleport-plugins/release';

import type { ArchivesOptions } from '../../archives/programs.js';
import { openStores } from '../../environment/stores.js';
import { processHost } from '../../host.js';
import { count } from '../../step/amounts.js';
import { refuseUnprotectedRelease } from '../../step/protection.js';
import { noteDone, openReceipt } from '../../step/report.js';
import { runStep } from '../../step/run-step.js';
import { dryRunDone, showPlan, showPolicy } from '../../step/show.js';
import { openProviderStep } from '../../step/step.js';
import { putArchives } from './apply.js';
import { describePush, planPush } from './plan.js';

/** Puts the archives of the working tree's version into the store of artifacts, under its release tag. */
export default function pushArchives(
  options: ArchivesOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openProviderStep(options, context, host);
    const stores = await openStores(step, { artifacts: 'write' });
    if (options.printPolicy === true) return showPolicy(host, stores);
    const { artifacts } = stores.at;
    const push = await planPush(step, options, artifacts);
    const { where, objects } = push;
    const size = count(push.archives, 'archive');
    const storeWith = (done: readonly ObjectReceipt[]) => [
      { store: artifacts.name, objects: done, signedBy: [] },
    ];
    if (objects.every(({ act }) => act === 'keep')) {
      const already = await putArchives(step, push, artifacts);
      await noteDone(step, { stores: storeWith(already), places: stores });
      return `already there: ${where} (${size})`;
    }

    const title = `${step.project} ${step.selection.version} to ${where}`;
    showPlan(host, title, describePush(push, step.dryRun));
    const allowed = await refuseUnprotectedRelease(step);
    if (step.dryRun) return dryRunDone;

    const receipt = await openReceipt(step);
    const done = await putArchives(step, push, artifacts);
    await receipt.write({ stores: storeWith(done), allowed, places: stores });
    return `pushed: ${where} (${size})`;
  });
}
