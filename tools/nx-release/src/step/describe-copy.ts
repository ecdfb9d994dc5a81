import type { CopyAction, CopyPlan, CopyResult, PlannedNode } from '@teleport-plugins/registry';

import { bytes, count } from './amounts.js';
import type { Line } from './show.js';

/** What a copy is going to do: the sums, and in a dry run each blob and manifest above them. */
export function describeCopy(plan: CopyPlan, dryRun: boolean): readonly Line[] {
  const actions: readonly CopyAction[] = ['copy', 'mount', 'skip'];
  const sums = actions.flatMap((action) =>
    sumOf(plan.nodes.filter((node) => node.action === action)),
  );
  return dryRun ? [...plan.nodes.map(each), ...sums] : sums;
}

function each({ action, kind, descriptor }: PlannedNode): Line {
  return [action, `${kind} ${descriptor.digest}`, bytes(descriptor.size)];
}

function sumOf(nodes: readonly PlannedNode[]): readonly Line[] {
  const [first] = nodes;
  if (first === undefined) return [];
  const blobs = nodes.filter(({ kind }) => kind === 'blob').length;
  const size = nodes.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
  const what = `${count(blobs, 'blob')} and ${count(nodes.length - blobs, 'manifest')}`;
  return [[first.action, what, bytes(size)]];
}

/** What a copy has done, in a few words. */
export function describeCopied({ copied, mounted, skipped }: CopyResult): string {
  const parts = [
    ['copied', copied] as const,
    ['mounted', mounted] as const,
    ['there already', skipped] as const,
  ];
  return parts
    .filter(([, tally]) => tally.count > 0)
    .map(([how, tally]) => `${bytes(tally.bytes)} ${how}`)
    .join(', ');
}
