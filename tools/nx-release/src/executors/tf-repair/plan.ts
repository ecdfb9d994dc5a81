import type { Registry } from '@teleport-plugins/terraform-registry';

import { releaseOf } from '../../archives/release.js';
import { StepError } from '../../error.js';
import { count } from '../../step/amounts.js';
import type {
  OpenedRegistry,
  RegistryOptions,
  RegistryStep,
} from '../../terraform/registry-step.js';
import { discarding, repairing, restoring, type Act } from './act.js';
import { zipSource } from './zip-source.js';

export interface RepairOptions extends RegistryOptions {
  /** Discard what an attempt to publish this version left that was never completed. */
  readonly discard?: boolean;
  /** This version was published: make its record again, and list it. */
  readonly published?: boolean;
  /** Restore zips from there: `staging`, `production`, `archives`, or a folder. */
  readonly zipsFrom?: string;
}

/** Reads only. Throws StepError `option-invalid`. */
export async function planFor(
  step: RegistryStep,
  { registry, stores }: OpenedRegistry,
  { discard = false, zipsFrom }: RepairOptions,
): Promise<Act> {
  const { dryRun, host, named } = step;
  const { signal } = host;
  const version = named && releaseOf(step).version;
  if (discard) return discarding(registry, releaseOf(step).version, { signal });
  if (zipsFrom === undefined) return repairing(registry, version, { dryRun, signal });
  const from = await zipSource(step, zipsFrom, stores);
  return restoring(registry, { from, version }, { dryRun, signal });
}

/** Throws StepError `option-invalid`. */
export function refuseContradictions(
  { named }: RegistryStep,
  { registry, discard = false, published = false, zipsFrom }: RepairOptions,
): void {
  if (discard && published) {
    throw optionInvalid('--published and --discard are of opposite kinds of versions: say one');
  }
  if (zipsFrom !== undefined && (discard || published)) {
    const other = discard ? '--discard' : '--published';
    throw optionInvalid(`--zips-from and ${other} are two repairs: run one after the other`);
  }
  if (zipsFrom !== undefined && zipsFrom === registry) {
    throw optionInvalid(
      '--zips-from is the registry that lost them: name the other one, or a folder',
    );
  }
  if (zipsFrom === 'archives' && named === undefined) {
    throw optionInvalid('--zips-from archives is about one version: name it with --tag');
  }
  if (discard && named === undefined) {
    throw optionInvalid('--discard is for one version: name it with --tag');
  }
  if (published && named === undefined) {
    throw optionInvalid('--published is about one version: name it with --tag');
  }
  if (!discard && !published && zipsFrom === undefined && named !== undefined) {
    throw optionInvalid(
      'a registry is repaired as a whole: leave the version out, or say --published if its record is to be made again, --discard to remove what an attempt to publish it left, or --zips-from to restore its zips',
    );
  }
}

/** How it ends. Throws StepError `repair-incomplete` where a person must do something. */
export function ended(summary: string, { open }: Act, dryRun: boolean): string {
  const left = open.length;
  if (left === 0) return summary;
  const what = `${summary}, and ${count(left, 'thing')} ${left === 1 ? 'is' : 'are'} left that ${left === 1 ? 'needs' : 'need'} a person: see the notes above`;
  if (dryRun) return what;
  throw new StepError('repair-incomplete', what);
}

/** `repaired 2 objects in s3://bucket` */
export function summaryOf({ verb }: Act, { store }: Registry, objects: number): string {
  const done = { repair: 'repaired', restore: 'restored', discard: 'discarded' } as const;
  return `${done[verb]} ${count(objects, verb === 'restore' ? 'zip' : 'object')} in ${store.name}`;
}

function optionInvalid(message: string): StepError {
  return new StepError('option-invalid', message);
}
