import type { ExecutorContext } from '@nx/devkit';
import { loadReleaseConfig } from '@teleport-plugins/release';

import { processHost } from '../../host.js';
import { runStep } from '../../step/run-step.js';
import { showPlan } from '../../step/show.js';
import { describeSigner, placeOf, signersOf, type WhoamiOptions } from './signers.js';

/** Says who would act at each registry and store of an environment, and for how long. Writes nothing. */
export default function whoami(
  options: WhoamiOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const config = await loadReleaseConfig(context.root, host.env);
    const environment = config.environment(options.environment);
    const { access = 'write' } = options;

    const signers = await signersOf({ environment, host, mfaCode: options.mfaCode }, access);
    if (options.json === true) {
      host.print(JSON.stringify(signers, undefined, 2));
      return undefined;
    }
    for (const signer of signers) {
      const title = `${environment.name} ${signer.role}: ${placeOf(signer)}`;
      showPlan(host, title, describeSigner(signer));
    }
    return `who may ${access} in ${environment.name}`;
  });
}
