import type { Host } from '../host.js';

export interface DryRunOptions {
  readonly dryRun?: boolean;
  /** Show what the step may do in AWS, and stop; the steps before it do nothing, as in a dry run. */
  readonly printPolicy?: boolean;
}

/** Whether to stop when the plan is shown. */
export function isDryRun(
  { dryRun, printPolicy }: DryRunOptions,
  { env }: Pick<Host, 'env'>,
): boolean {
  return dryRun === true || printPolicy === true || env.NX_DRY_RUN === 'true';
}
