import type { StoreReceipt } from '@teleport-plugins/release';
import {
  applyDiscard,
  applyRepair,
  applyRestore,
  planDiscard,
  planRepair,
  planRestore,
  type PlannedObject,
  type PublishEvent,
  type Registry,
  type Version,
  type ZipSource,
} from '@teleport-plugins/terraform-registry';

import type { Line } from '../../step/show.js';
import { describeChanges, objectResults } from '../../terraform/describe.js';

interface Signal {
  readonly signal: AbortSignal;
}

/** What is going to be done to a registry. */
export interface Act {
  readonly verb: 'repair' | 'restore' | 'discard';
  /** What it finds, does, and cannot do. */
  readonly lines: readonly Line[];
  /** What is left for a person, without which the registry is not whole. */
  readonly open: readonly string[];
  readonly isNothing: boolean;
  apply(options: Signal): Promise<StoreReceipt>;
}

/** Makes the documents of a registry again what its records say. Reads only, as all of these do. */
export async function repairing(
  registry: Registry,
  published: Version | undefined,
  { dryRun, signal }: Signal & { readonly dryRun: boolean },
): Promise<Act> {
  const plan = await planRepair(registry, { published, signal });
  return {
    verb: 'repair',
    ...changing(plan.objects, { dryRun, notes: plan.remarks }),
    open: plan.open,
    apply: applied(registry, plan.objects, (options) => applyRepair(plan, options)),
  };
}

/** Brings zips back that are gone or other ones: of all versions, or of one. */
export async function restoring(
  registry: Registry,
  source: { readonly from: ZipSource; readonly version: Version | undefined },
  { dryRun, signal }: Signal & { readonly dryRun: boolean },
): Promise<Act> {
  const plan = await planRestore(registry, { ...source, signal });
  const isReplaced = plan.objects.some(({ act }) => act === 'replace');
  const notes = [...plan.open, ...(isReplaced ? [onCaches] : [])];
  return {
    verb: 'restore',
    ...changing(plan.objects, { dryRun, notes }),
    open: plan.open,
    apply: applied(registry, plan.objects, (options) => applyRestore(plan, options)),
  };
}

const onCaches =
  'caches keep what is replaced for as long as they may: have CloudFront forget it (docs/runbooks/terraform-recovery.md)';

/** Removes what an attempt to publish a version left that was never completed. */
export async function discarding(
  registry: Registry,
  version: Version,
  { signal }: Signal,
): Promise<Act> {
  const plan = await planDiscard(registry, version, { signal });
  return {
    verb: 'discard',
    lines: plan.keys.map((key) => ['delete', key]),
    open: [],
    isNothing: plan.keys.length === 0,
    async apply(options) {
      await applyDiscard(plan, options);
      const objects = plan.keys.map((key) => ({ key, result: 'removed' }) as const);
      return { store: registry.store.name, objects, signedBy: [] };
    },
  };
}

/** Of objects that are written: shown are those that are not as they should be; in a dry run all of them. */
function changing(
  objects: readonly PlannedObject[],
  { dryRun, notes }: { readonly dryRun: boolean; readonly notes: readonly string[] },
): Pick<Act, 'lines' | 'isNothing'> {
  const shown = objects.filter(({ act }) => dryRun || act !== 'keep');
  return {
    lines: [...notes.map((note): Line => ['note', note]), ...describeChanges(shown, [])],
    isNothing: objects.every(({ act }) => act === 'keep'),
  };
}

function applied(
  { store }: Registry,
  objects: readonly PlannedObject[],
  apply: (options: Signal & { onEvent: (event: PublishEvent) => void }) => Promise<void>,
): Act['apply'] {
  return async (options) => {
    const events: PublishEvent[] = [];
    await apply({ ...options, onEvent: (event) => void events.push(event) });
    return { store: store.name, objects: objectResults(objects, events), signedBy: [] };
  };
}
