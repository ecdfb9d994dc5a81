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
import { count } from '../../step/amounts.js';
import type { Line } from '../../step/show.js';
import { describeChanges, objectResults } from '../../terraform/describe.js';
import type { RegistryOptions, RegistryStep } from '../../terraform/registry-step.js';

export interface RepairOptions extends RegistryOptions {
  /** Discard what an attempt to publish this version left that was never completed. */
  readonly discard?: boolean;
  /** This version was published: make its record again, and list it. */
  readonly published?: boolean;
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
  options: RepairOptions,
): Promise<Repair> {
  const { signal } = step.host;
  refuseContradictions(step, options);
  const { discard: isDiscard = false } = options;
  if (isDiscard) {
    const discard = await planDiscard(registry, releaseOf(step).version, { signal });
    return { kind: 'discard', discard, isNothing: discard.keys.length === 0 };
  }
  const published = step.named && releaseOf(step).version;
  const repair = await planRepair(registry, { published, signal });
  const isNothing = repair.objects.every(({ act }) => act === 'keep');
  return { kind: 'repair', repair, isNothing };
}

function refuseContradictions(
  step: RegistryStep,
  { discard = false, published = false }: RepairOptions,
): void {
  if (discard && published) {
    throw optionInvalid('--published and --discard are of opposite kinds of versions: say one');
  }
  if (discard && step.named === undefined) {
    throw optionInvalid('--discard is for one version: name it with --tag');
  }
  if (published && step.named === undefined) {
    throw optionInvalid('--published is about one version: name it with --tag');
  }
  if (!discard && !published && step.named !== undefined) {
    throw optionInvalid(
      'a registry is repaired as a whole: leave the version out, or say --published if its record is to be made again, or --discard to remove what an attempt to publish it left',
    );
  }
}

/** How a repair ends. Throws StepError `repair-incomplete` where a person must do something. */
export function ended(summary: string, { repair }: RepairOf, dryRun: boolean): string {
  const left = repair.open.length;
  if (left === 0) return summary;
  const what = `${summary}, and ${count(left, 'thing')} ${left === 1 ? 'is' : 'are'} left that ${left === 1 ? 'needs' : 'need'} a person: see the notes above`;
  if (dryRun) return what;
  throw new StepError('repair-incomplete', what);
}

/** What is not as it should be; in a dry run what is, too. */
export function describeRepair({ repair }: RepairOf, dryRun: boolean): readonly Line[] {
  const shown = repair.objects.filter(({ act }) => dryRun || act !== 'keep');
  return [...repair.remarks.map((remark): Line => ['note', remark]), ...describeChanges(shown, [])];
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
