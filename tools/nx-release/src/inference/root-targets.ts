import type { TargetConfiguration } from '@nx/devkit';

import { configurations } from './configurations.js';
import type { DeclaredEnvironments } from './environments.js';
import { affectedByNothing } from './inputs.js';

/** The project at the root of the workspace. */
export const rootProject = 'release';

/** What can be run for an environment as a whole. */
export const rootTargets = [
  'serve',
  'whoami',
  'login',
  'logout',
  'tf-verify',
  'tf-repair',
  'tf-resign',
  'tf-yank',
] as const;

export type RootTarget = (typeof rootTargets)[number];

/** The targets of the workspace's root. None is cached, and no change of files affects one. */
export function targetsOfRoot(
  environments: DeclaredEnvironments,
): Record<RootTarget, TargetConfiguration> {
  const target = (
    name: RootTarget,
    description: string,
    technology = 'oci',
  ): TargetConfiguration => ({
    executor: `@teleport-plugins/nx-release:${name}`,
    ...configurations(environments),
    cache: false,
    inputs: affectedByNothing(),
    outputs: [],
    metadata: {
      technologies: [technology],
      description,
      help: { command: `npx nx run ${rootProject}:${name} --help`, example: { options: {} } },
    },
  });
  const terraform = (name: RootTarget, description: string) =>
    target(name, description, 'terraform');
  return {
    // Not `continuous`: Nx has a second one wait for the first without a word why, and this one says what port is taken.
    serve: target(
      'serve',
      'Serves the registries of the local environment on fixed loopback ports',
    ),
    whoami: target('whoami', 'Says who would act at each registry of an environment'),
    login: target('login', 'Has docker and podman sign in to Amazon ECR by themselves'),
    logout: target('logout', 'Undoes login'),
    'tf-verify': terraform(
      'tf-verify',
      'Says what clients of the Terraform registries would refuse',
    ),
    'tf-repair': terraform('tf-repair', 'Makes a Terraform registry again what its records say'),
    'tf-resign': terraform('tf-resign', 'Signs versions of a Terraform registry again'),
    'tf-yank': terraform('tf-yank', 'Warns of a version in a Terraform registry, or withdraws it'),
  };
}
