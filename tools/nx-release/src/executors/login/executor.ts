import type { ExecutorContext } from '@nx/devkit';
import { registeredToken, setUpHelper } from '@teleport-plugins/auth';

import { describeLogin, planLogin, type LoginOptions } from './plan.js';
import { awsSession } from '../../environment/aws-session.js';
import { cacheOf } from '../../environment/token-cache.js';
import { processHost } from '../../host.js';
import { isDryRun } from '../../step/dry-run.js';
import { runStep } from '../../step/run-step.js';
import { dryRunDone, showPlan } from '../../step/show.js';

/**
 * Has docker and podman sign in to an environment's registries by themselves, from now on: installs a
 * credential helper, and names it in their configurations. What it will do is tried first.
 */
export default function login(
  options: LoginOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const plan = await planLogin(context.root, options, host);
    const { environment, access, registrations, program, files, changes, left } = plan;
    const hosts = [...registrations.keys()];
    const title = `docker and podman in ${environment.name}, to ${access}`;
    showPlan(host, title, describeLogin(plan));
    for (const line of left) host.print(`  ${line}`);
    if (isDryRun(options, host)) return dryRunDone;

    const { env: variables, homeDirectory, user, signal } = host;
    const registries = [...registrations.values()].map(({ registry }) => registry);
    const { mfaCode } = options;
    const session = awsSession({ environment, host, mfaCode }, { access, registries });
    const cache = cacheOf(host);
    for (const [name, registration] of registrations) {
      const { expiresAt } = await registeredToken(registration, {
        ...{ variables, homeDirectory, cache, user, signal, session },
        now: () => host.now(),
        renew: true,
      });
      host.print(`  ${name}: a token until ${expiresAt.toISOString()}`);
    }

    if (!program.isCurrent) await program.install();
    if (changes.length > 0) await setUpHelper(files, registrations);
    if (!program.isOnPath) {
      host.printError(
        `${program.command} is not on the PATH, where docker looks for it: add its folder in your shell's profile`,
      );
    }
    return `docker and podman sign in to ${hosts.join(' and ')} by themselves`;
  });
}
