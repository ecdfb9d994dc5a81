import type { TargetConfiguration } from '@nx/devkit';

/** The step before, given the same version, tag and flags. */
export function after(target: string): NonNullable<TargetConfiguration['dependsOn']> {
  return [{ target, params: 'forward' }];
}

/** Of a target, for `nx show project`. */
export function help(
  { project }: { readonly project: string },
  target: string,
  options: Record<string, unknown> = {},
) {
  return { command: `npx nx run ${project}:${target} --help`, example: { options } };
}
