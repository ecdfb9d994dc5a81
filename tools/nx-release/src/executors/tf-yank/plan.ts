import type { StoreReceipt } from '@teleport-plugins/release';
import {
  planUnyank,
  planYank,
  type Registry,
  type UnyankPlan,
  type YankPlan,
} from '@teleport-plugins/terraform-registry';

import { releaseOf } from '../../archives/release.js';
import { StepError } from '../../error.js';
import type { Line } from '../../step/show.js';
import { changesReceipt, describeChanges } from '../../terraform/describe.js';
import type { RegistryOptions, RegistryStep } from '../../terraform/registry-step.js';

export interface YankOptions extends RegistryOptions {
  /** Shown to everybody who installs the provider. */
  readonly reason?: string;
  /** Take the version out of the index. */
  readonly hard?: boolean;
  /** The version once more, to say that breaking its users is meant. */
  readonly confirm?: string;
  /** Take the warning of the version away, and list it again. */
  readonly undo?: boolean;
}

/** What is going to be done. */
export type Yanking =
  | { readonly kind: 'yank'; readonly plan: YankPlan }
  | { readonly kind: 'undo'; readonly plan: UnyankPlan };

/** Reads only. Throws StepError `option-invalid`, and what `planYank` and `planUnyank` throw. */
export async function planYanking(
  step: RegistryStep,
  registry: Registry,
  { reason = '', hard = false, undo = false, confirm }: YankOptions,
): Promise<Yanking> {
  if (step.named === undefined) {
    throw optionInvalid('say which version: --tag, or -- --version');
  }
  const { version } = releaseOf(step);
  const { signal } = step.host;
  if (undo) {
    if (reason !== '' || hard || confirm !== undefined) {
      throw optionInvalid('--undo takes no --reason, no --hard and no --confirm: leave them out');
    }
    return {
      kind: 'undo',
      plan: await planUnyank(registry, version, { at: step.host.now(), signal }),
    };
  }
  if (!/^(?!\s)[^\p{Cc}]{1,500}$/u.test(reason)) {
    throw optionInvalid(
      'say why with --reason, on one line: it is shown to everybody who installs the provider',
    );
  }
  return { kind: 'yank', plan: await planYank(registry, { version, reason, hard }, { signal }) };
}

export function describeYanking(yanking: Yanking): readonly Line[] {
  const { objects, shared } = yanking.plan;
  return [...meaningOf(yanking), ...describeChanges(objects, shared)];
}

/** Whether nothing is left to be done. */
export function isDone({ plan: { objects, shared } }: Yanking): boolean {
  return [...objects, ...shared].every(({ act }) => act === 'keep');
}

/** What it is called when it is done. */
export function summaryOf({ kind, plan }: Yanking): string {
  if (kind === 'yank') return plan.hard ? 'withdrawn' : 'warned of';
  return 'brought back';
}

/** Throws StepError `not-confirmed`. */
export function refuseUnconfirmed({ kind, plan }: Yanking, { confirm }: YankOptions): void {
  if (kind === 'undo' || !plan.hard || String(confirm) === plan.version) return;
  const { version } = plan;
  throw new StepError(
    'not-confirmed',
    `nothing is withdrawn yet: this breaks whoever uses ${version}, as is said above; to do it all the same add --confirm ${version}`,
  );
}

/** The documents that were changed; what others wrote into them meanwhile is there, too. */
export function receiptOf({ plan: { registry, objects, shared } }: Yanking): StoreReceipt {
  return changesReceipt(registry.store.name, objects, shared);
}

function meaningOf({ kind, plan }: Yanking): readonly Line[] {
  if (kind === 'yank') {
    return [
      [plan.hard ? 'withdraw' : 'keep', plan.version],
      ['warn', plan.warning],
      ...plan.consequences.map((each): Line => ['then', each]),
    ];
  }
  const isListed = plan.listing === undefined && plan.older === undefined;
  return [
    [isListed ? 'keep' : 'list', plan.version],
    ...plan.warnings.map((each): Line => ['unwarn', each]),
  ];
}

function optionInvalid(message: string): StepError {
  return new StepError('option-invalid', message);
}
