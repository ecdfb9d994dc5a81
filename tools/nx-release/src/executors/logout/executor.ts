import type { ExecutorContext } from '@nx/devkit';
import { removeHelper } from '@teleport-plugins/auth';

import { describeLogout, planLogout } from './plan.js';
import { cacheOf } from '../../environment/token-cache.js';
import { removeProgram } from '../../helper/program.js';
import type { HelperOptions } from '../../helper/registrations.js';
import { processHost } from '../../host.js';
import { count } from '../../step/amounts.js';
import { isDryRun } from '../../step/dry-run.js';
import { runStep } from '../../step/run-step.js';
import { dryRunDone, showPlan } from '../../step/show.js';

/** Undoes login: docker and podman get back what they had, and no token stays. */
export default function logout(
  options: HelperOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const plan = await planLogout(context.root, options, host);
    showPlan(host, `docker and podman in ${plan.environment}, no longer`, describeLogout(plan));
    if (isDryRun(options, host)) return dryRunDone;

    if (plan.changes.length > 0) await removeHelper(plan.files, plan.hosts);
    const tokens = await cacheOf(host).clear();
    if (plan.program !== undefined) await removeProgram(host);
    const removed = `${count(tokens, 'cached token')} removed`;
    const signedOut = [...new Set(plan.changes.map(({ host: name }) => name))];
    return signedOut.length === 0
      ? `docker and podman were not signed in; ${removed}`
      : `docker and podman are signed out of ${signedOut.join(' and ')}; ${removed}`;
  });
}
