import type { PolicyDocument } from '@teleport-plugins/auth';

import type { Host } from '../host.js';

/** One thing that a step is going to do: a verb, what to, and how much that is. */
export type Line = readonly [verb: string, what: string, amount?: string];

/** A plan as text: a title, and below it what is going to be done. */
export function showPlan(host: Host, title: string, lines: readonly Line[]): void {
  const width = (column: 0 | 1) =>
    Math.max(
      0,
      ...lines.filter((line) => column === 0 || line.length > 2).map((line) => line[column].length),
    );
  host.print(title);
  for (const [verb, what, amount] of lines) {
    const start = `  ${verb.padEnd(width(0))}  `;
    host.print(amount === undefined ? start + what : `${start}${what.padEnd(width(1))}  ${amount}`);
  }
}

/** What a step ends with that has only shown its plan. */
export const dryRunDone = 'dry run: nothing is written';

/** Shows what a step needs to do in AWS, as the session policy that its role is assumed with. */
export function showPolicy(
  host: Host,
  {
    policy,
    assumesRole,
  }: { readonly policy: PolicyDocument | undefined; readonly assumesRole: boolean },
): string {
  if (policy === undefined) {
    return 'nothing that this step goes to is Amazon’s, so there is no session policy';
  }
  host.print(JSON.stringify(policy, undefined, 2));
  return assumesRole
    ? 'the session policy of this step; nothing is done'
    : 'what this step needs; no role is assumed for it, so it keeps all rights of the caller; nothing is done';
}
