import type { StoreReceipt } from '@teleport-plugins/release';
import {
  planDiscard,
  planRepair,
  type DiscardPlan,
  type PublishEvent,
  type Registry,
  type RepairPlan,
} from '@teleport-plugins/terraform-registry';

import { releaseOf } from '../../archives/release.js';
import { StepError } from '../../error.js';
import { bytes } from '../../step/amounts.js';
import type { Line } from '../../step/show.js';
import { objectResults } from '../../terraform/describe.js';
import type { RegistryOptions, RegistryStep } from '../../terraform/registry-step.js';

export interface RepairOptions extends RegistryOptions {
  /** Discard what an attempt to publish this version left that was never completed. */
  readonly discard?: boolean;
}

/** What is going to be done. */
export type Repair = RepairOf | DiscardOf;

interface RepairOf {
  readonly kind: 'repair';
  readonly repair: RepairPlan;
  readonly isNothing: boolean;
}

interface DiscardOf {
  readonly kind: 'discard';
  readonly discard: DiscardPlan;
  readonly isNothing: boolean;
}

/** Reads only. Throws StepError `option-invalid`. */
export async function planFor(
  step: RegistryStep,
  registry: Registry,
  { discard: isDiscard = false }: RepairOptions,
): Promise<Repair> {
  const { signal } = step.host;
  if (isDiscard && step.named === undefined) {
    throw optionInvalid('--discard is for one version: name it with --tag');
  }
  if (!isDiscard && step.named !== undefined) {
    throw optionInvalid(
      'a registry is repaired as a whole: leave the version out, or say --discard to remove what an attempt to publish it left',
    );
  }
  if (isDiscard) {
    const discard = await planDiscard(registry, releaseOf(step).version, { signal });
    return { kind: 'discard', discard, isNothing: discard.keys.length === 0 };
  }
  const repair = await planRepair(registry, { signal });
  const isNothing = repair.objects.every(({ act }) => act === 'keep');
  return { kind: 'repair', repair, isNothing };
}

/** What is not as it should be; in a dry run what is, too. */
export function describeRepair({ repair }: RepairOf, dryRun: boolean): readonly Line[] {
  const shown = repair.objects.filter(({ act }) => dryRun || act !== 'keep');
  return [
    ...repair.remarks.map((remark): Line => ['note', remark]),
    ...shown.map(({ act, key, sha256, size }): Line => {
      return [act, `${key} sha256:${sha256}`, bytes(size)];
    }),
  ];
}

export function describeDiscard({ discard }: DiscardOf): readonly Line[] {
  return discard.keys.map((key) => ['delete', key]);
}

export function repairReceipt({ repair }: RepairOf, events: readonly PublishEvent[]): StoreReceipt {
  const { registry, objects } = repair;
  return {
    store: registry.store.name,
    objects: objectResults(objects, events),
    signedBy: [],
  };
}

export function discardReceipt({ discard }: DiscardOf): StoreReceipt {
  const { registry, keys } = discard;
  return {
    store: registry.store.name,
    objects: keys.map((key) => ({ key, result: 'removed' })),
    signedBy: [],
  };
}

function optionInvalid(message: string): StepError {
  return new StepError('option-invalid', message);
}
