import type { TargetConfiguration } from '@nx/devkit';

import { configurations } from './configurations.js';
import type { DeclaredEnvironments } from './environments.js';
import { affectedByNothing } from './inputs.js';

/** The project at the root of the workspace. */
export const rootProject = 'release';

/** What can be run for an environment as a whole. */
export const rootTargets = ['serve', 'whoami', 'login', 'logout'] as const;

export type RootTarget = (typeof rootTargets)[number];

/** The targets of the workspace's root. None is cached, and no change of files affects one. */
export function targetsOfRoot(
  environments: DeclaredEnvironments,
): Record<RootTarget, TargetConfiguration> {
  const target = (name: RootTarget, description: string): TargetConfiguration => ({
    executor: `@teleport-plugins/nx-release:${name}`,
    ...configurations(environments),
    cache: false,
    inputs: affectedByNothing(),
    outputs: [],
    metadata: {
      technologies: ['oci'],
      description,
      help: { command: `npx nx run ${rootProject}:${name} --help`, example: { options: {} } },
    },
  });
  return {
    serve: {
      ...target('serve', 'Serves the registries of the local environment on fixed loopback ports'),
      continuous: true,
    },
    whoami: target('whoami', 'Says who would act at each registry of an environment'),
    login: target('login', 'Has docker and podman sign in to Amazon ECR by themselves'),
    logout: target('logout', 'Undoes login'),
  };
}
