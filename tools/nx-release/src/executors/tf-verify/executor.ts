import type { ExecutorContext } from '@nx/devkit';

import { processHost } from '../../host.js';
import { runStep } from '../../step/run-step.js';
import { showPlan } from '../../step/show.js';
import { openRegistryStep } from '../../terraform/registry-step.js';
import { describeFindings, refused, verified, type VerifyOptions } from './plan.js';

/**
 * Checks the Terraform registries of an environment by the rules of their clients, and prints what those would
 * refuse. Writes nothing.
 */
export default function tfVerify(
  options: VerifyOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openRegistryStep(options, context, host);
    const checked = await verified(step, options);
    for (const { role, name, findings } of checked) {
      const which = role === undefined ? '' : `${step.environment.name} `;
      showPlan(
        host,
        `${which}Terraform ${role ?? 'registry'}: ${name}`,
        describeFindings(findings),
      );
    }
    const errors = checked.flatMap(({ findings }) =>
      findings.filter(({ severity }) => severity === 'error'),
    );
    if (errors.length > 0) throw refused(step, checked, errors.length);
    return 'Terraform and OpenTofu would refuse nothing';
  });
}
