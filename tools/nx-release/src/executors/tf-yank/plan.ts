import type { StoreReceipt } from '@teleport-plugins/release';
import { planYank, type Registry, type YankPlan } from '@teleport-plugins/terraform-registry';

import { releaseOf } from '../../archives/release.js';
import { StepError } from '../../error.js';
import type { Line } from '../../step/show.js';
import type { RegistryOptions, RegistryStep } from '../../terraform/registry-step.js';

export interface YankOptions extends RegistryOptions {
  /** Shown to everybody who installs the provider. */
  readonly reason?: string;
  /** Take the version out of the index. */
  readonly hard?: boolean;
  /** The version once more, to say that breaking its users is meant. */
  readonly confirm?: string;
}

/** Reads only. Throws StepError `option-invalid`, and what `planYank` throws. */
export async function planYanking(
  step: RegistryStep,
  registry: Registry,
  { reason = '', hard = false }: YankOptions,
): Promise<YankPlan> {
  if (step.named === undefined) {
    throw optionInvalid('say which version: --tag, or -- --version');
  }
  if (!/^(?!\s)[^\p{Cc}]{1,500}$/u.test(reason)) {
    throw optionInvalid(
      'say why with --reason, on one line: it is shown to everybody who installs the provider',
    );
  }
  const { version } = releaseOf(step);
  return planYank(registry, { version, reason, hard }, { signal: step.host.signal });
}

export function describeYank({ version, hard, warning, consequences }: YankPlan): readonly Line[] {
  return [
    [hard ? 'withdraw' : 'keep', version],
    ['warn', warning],
    ...consequences.map((each): Line => ['then', each]),
  ];
}

/** Throws StepError `not-confirmed`. */
export function refuseUnconfirmed({ version, hard }: YankPlan, { confirm }: YankOptions): void {
  if (!hard || String(confirm) === version) return;
  throw new StepError(
    'not-confirmed',
    `nothing is withdrawn yet: this breaks whoever uses ${version}, as is said above; to do it all the same add --confirm ${version}`,
  );
}

/** The documents that were changed; what others wrote into them meanwhile is there, too. */
export function shortReceipt({ registry, written }: YankPlan): StoreReceipt {
  return {
    store: registry.store.name,
    objects: written.map((key) => ({ key, result: 'replaced' })),
    signedBy: [],
  };
}

function optionInvalid(message: string): StepError {
  return new StepError('option-invalid', message);
}
