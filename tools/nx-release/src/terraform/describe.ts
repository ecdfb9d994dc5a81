import { basename } from 'node:path';

import type { ObjectReceipt, ObjectResult, StoreReceipt } from '@teleport-plugins/release';
import {
  platformKey,
  type PlannedObject,
  type PublishEvent,
  type PublishPlan,
} from '@teleport-plugins/terraform-registry';

import type { Host } from '../host.js';
import { bytes, count } from '../step/amounts.js';
import type { Line } from '../step/show.js';

/** What is going to be written: the sums, and in a dry run each object above them. */
export function describePublish(plan: PublishPlan, dryRun: boolean): readonly Line[] {
  const { stages, record, shared } = plan;
  const objects = [...stages.flat(), record];
  const acts = ['create', 'replace', 'keep'] as const;
  const sums = acts.flatMap((act): readonly Line[] => {
    const some = objects.filter((object) => object.act === act);
    const size = some.reduce((sum, object) => sum + object.size, 0);
    return some.length > 0 ? [[act, count(some.length, 'object'), bytes(size)]] : [];
  });
  return [
    ...plan.warnings.map((warning): Line => ['note', warning]),
    ['sign', `with the key ${keyIdsOf(plan).join(' and ')}`],
    ...(dryRun ? describeChanges(objects, []) : []),
    ...sums,
    ...describeChanges([], shared),
  ];
}

/** Objects, and changes of documents that others write too, each with what is done to it. */
export function describeChanges(
  objects: readonly PlannedObject[],
  shared: readonly SharedChange[],
): readonly Line[] {
  return [
    ...objects.map(({ act, key, sha256, size }): Line => {
      return [act, `${key} sha256:${sha256}`, bytes(size)];
    }),
    ...shared.map(({ act, key }): Line => {
      return [act, act === 'delete' ? key : `${key}, merged with what others write`];
    }),
  ];
}

interface SharedChange {
  readonly key: string;
  readonly act: PlannedObject['act'] | 'delete';
}

/** What became of the objects of a plan without events, when it was carried out. */
export function changesReceipt(
  store: string,
  objects: readonly PlannedObject[],
  shared: readonly SharedChange[],
): StoreReceipt {
  const done = {
    create: 'created',
    replace: 'replaced',
    keep: 'already',
    delete: 'removed',
  } as const;
  return {
    store,
    objects: [
      ...objects.map(({ act, key, sha256, size }) => ({ key, sha256, size, result: done[act] })),
      ...shared.map(({ act, key }) => ({ key, result: done[act] })),
    ],
    signedBy: [],
  };
}

/** Shows what is written as it is: each zip, and what makes the version visible. */
export function publishProgress(host: Host): (event: PublishEvent) => void {
  return ({ kind, key, size }) => {
    const isZip = key.endsWith('.zip');
    if (kind === 'kept' || (!isZip && size !== undefined)) return;
    host.print(`  ${kind} ${isZip ? basename(key) : key}${isZip ? ` ${bytes(size ?? 0)}` : ''}`);
  };
}

/** `linux_amd64, darwin_arm64` */
export function platformsIn({ release }: PublishPlan): string {
  return release.packages.map(({ platform }) => platformKey(platform)).join(', ');
}

/** What became of each object of a plan; without events, all of it was there. */
export function storeReceipt(
  plan: PublishPlan,
  events: readonly PublishEvent[] = [],
): StoreReceipt {
  const { registry, stages, record, shared } = plan;
  return {
    store: registry.store.name,
    objects: [
      ...objectResults([...stages.flat(), record], events),
      ...shared.map(({ key }) => ({ key, result: resultOf(key, events) })),
    ],
    signedBy: keyIdsOf(plan),
  };
}

/** What became of planned objects. */
export function objectResults(
  objects: readonly PlannedObject[],
  events: readonly PublishEvent[],
): readonly ObjectReceipt[] {
  return objects.map(({ key, sha256, size }) => {
    return { key, sha256, size, result: resultOf(key, events) };
  });
}

const results: Readonly<Record<PublishEvent['kind'], ObjectResult>> = {
  created: 'created',
  replaced: 'replaced',
  kept: 'already',
};

function resultOf(key: string, events: readonly PublishEvent[]): ObjectResult {
  return results[events.find((event) => event.key === key)?.kind ?? 'kept'];
}

function keyIdsOf({ release }: PublishPlan): readonly string[] {
  return release.keys.map(({ keyId }) => keyId);
}
