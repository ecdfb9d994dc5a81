import type { Descriptor, Repository } from '@teleport-plugins/oci';

import { tallyOf, type CopyAction, type Tally } from './events.js';
import { readGraph, type Referrers } from './graph.js';
import { inParallel, together } from './in-parallel.js';
import { hasBlob, hasManifest } from './presence.js';

/** What a copy would do. */
export interface CopyPlan {
  /** The names of the two repositories. */
  readonly from: string;
  readonly to: string;
  readonly root: Descriptor;
  /** In the order in which they would be written: blobs, then manifests, each after what it refers to. */
  readonly nodes: readonly PlannedNode[];
  readonly copy: Tally;
  readonly mount: Tally;
  readonly skip: Tally;
}

export interface PlannedNode {
  readonly kind: 'blob' | 'manifest';
  readonly descriptor: Descriptor;
  readonly action: CopyAction;
}

export interface CopyPlanOptions {
  /** Requests and blobs under way at once. Default: 16. */
  readonly concurrency?: number;
  /**
   * A repository of the destination's registry that has the blobs: its path there, without the host.
   * They are mounted from it, where the destination can.
   */
  readonly mountFrom?: string;
  /**
   * Also copies the manifests that refer to the image or to a part of it (signatures, SBOMs,
   * attestations): all, or those with one of these artifact types. Default: none.
   */
  readonly referrers?: Referrers;
  readonly signal?: AbortSignal;
}

/**
 * Finds out what `copyGraph` with the same arguments would do. Reads only. `copyGraph` takes the plan, to
 * follow it without reading all of that again.
 *
 * Nothing is asked that costs no more to do: below a root that is not there, manifests are planned
 * as copies, and blobs that can be mounted as mounts, without asking the destination for each.
 *
 * @throws like `copyGraph`
 */
export async function planCopy(
  from: Repository,
  to: Repository,
  root: Descriptor,
  options: CopyPlanOptions = {},
): Promise<CopyPlan> {
  const prepared = await prepareCopy(from, to, root, options);
  preparedBy.set(prepared.plan, prepared);
  return prepared.plan;
}

/** A plan, with what it takes to follow it. */
export interface PreparedCopy {
  readonly plan: CopyPlan;
  readonly mountFrom: string | undefined;
  readonly blobs: readonly PlannedNode[];
  /** The manifests of one wave can be written at the same time. */
  readonly waves: readonly (readonly PlannedManifest[])[];
}

export interface PlannedManifest {
  readonly node: PlannedNode;
  readonly bytes: Uint8Array;
}

/** What was read for a plan and is no part of it as data. */
const preparedBy = new WeakMap<CopyPlan, PreparedCopy>();

/** As many as the client has connections: what is asked for at once is on its way at once. */
export const defaultConcurrency = 16;

/** What was prepared with a plan. Throws a TypeError for a plan of another copy. */
export function preparedFor(
  plan: CopyPlan,
  from: Repository,
  to: Repository,
  root: Descriptor,
): PreparedCopy {
  const prepared = preparedBy.get(plan);
  const isOfThisCopy =
    plan.from === from.name && plan.to === to.name && plan.root.digest === root.digest;
  if (prepared !== undefined && isOfThisCopy) return prepared;
  throw new TypeError(
    `not a plan to copy ${root.digest} from ${from.name} to ${to.name}: expected what planCopy returned for that`,
  );
}

export async function prepareCopy(
  from: Repository,
  to: Repository,
  root: Descriptor,
  options: CopyPlanOptions,
): Promise<PreparedCopy> {
  const { concurrency = defaultConcurrency, signal, mountFrom, referrers } = options;
  const [graph, rootIsThere] = await together(
    signal,
    (linked) => readGraph(from, root, { concurrency, signal: linked, referrers }),
    (linked) => hasManifest(to, root, linked),
  );
  const actions = actionsIn(to, { root, rootIsThere, mount: mountFrom !== undefined });
  const parallel = { concurrency, signal };

  const blobs = await inParallel(largestFirst(graph.blobs), parallel, async (blob, linked) =>
    planned('blob', blob, await actions.ofBlob(blob, linked)),
  );
  const waves: (readonly PlannedManifest[])[] = [];
  for (const wave of graph.waves) {
    const nodes = await inParallel(wave, parallel, async ({ descriptor, bytes }, linked) => {
      const action = await actions.ofManifest(descriptor, linked);
      return { node: planned('manifest', descriptor, action), bytes };
    });
    waves.push(nodes);
  }

  const nodes = [...blobs, ...waves.flat().map(({ node }) => node)];
  return { plan: planOf(from, to, root, nodes), mountFrom, blobs, waves };
}

/** Decides, asking the destination where asking saves anything. */
function actionsIn(
  to: Repository,
  known: { readonly root: Descriptor; readonly rootIsThere: boolean; readonly mount: boolean },
) {
  const canMount = known.mount && to.blobs.mount !== undefined;
  return {
    ofBlob: async (blob: Descriptor, signal: AbortSignal): Promise<CopyAction> => {
      if (canMount && !known.rootIsThere) return 'mount';
      if (await hasBlob(to, blob, signal)) return 'skip';
      return canMount ? 'mount' : 'copy';
    },
    ofManifest: async (manifest: Descriptor, signal: AbortSignal): Promise<CopyAction> => {
      if (!known.rootIsThere) return 'copy';
      if (manifest.digest === known.root.digest) return 'skip';
      return (await hasManifest(to, manifest, signal)) ? 'skip' : 'copy';
    },
  };
}

/** Large blobs take longest: started first, they do not run alone at the end. */
function largestFirst(blobs: readonly Descriptor[]): readonly Descriptor[] {
  return [...blobs].sort((one, other) => other.size - one.size);
}

function planned(
  kind: PlannedNode['kind'],
  descriptor: Descriptor,
  action: CopyAction,
): PlannedNode {
  return Object.freeze({ kind, descriptor, action });
}

function planOf(
  from: Repository,
  to: Repository,
  root: Descriptor,
  nodes: readonly PlannedNode[],
): CopyPlan {
  const tally = (action: CopyAction) =>
    tallyOf(nodes.filter((node) => node.action === action).map(({ descriptor }) => descriptor));
  return Object.freeze({
    from: from.name,
    to: to.name,
    root,
    nodes: Object.freeze(nodes),
    copy: tally('copy'),
    mount: tally('mount'),
    skip: tally('skip'),
  });
}
