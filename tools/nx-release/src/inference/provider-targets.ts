import type { TargetConfiguration } from '@nx/devkit';

import type { WorkspacePackage } from '../sources/workspace-packages.js';
import { configurations } from './configurations.js';
import type { DeclaredEnvironments } from './environments.js';
import { affectedByOutputs, buildArchivesInputs } from './inputs.js';
import { after, help } from './target-parts.js';

/** The targets that Terraform providers get, in the order in which they depend on each other. */
export const providerTargetNames = [
  'build-archives',
  'push-archives',
  'tf-stage',
  'tf-release',
] as const;

export type ProviderTarget = (typeof providerTargetNames)[number];

/** What the targets of one provider are made of. */
export interface Provider {
  /** Its name in Nx's graph. */
  readonly project: string;
  readonly environments: DeclaredEnvironments;
  /** This package and its libraries. */
  readonly releaseSystem: readonly WorkspacePackage[];
}

/** The release targets of a plugin whose product is a Terraform provider. */
export function providerTargets(provider: Provider): Record<ProviderTarget, TargetConfiguration> {
  const inEnvironment = configurations(provider.environments);
  return {
    'build-archives': {
      executor: '@teleport-plugins/nx-release:build-archives',
      ...inEnvironment,
      cache: true,
      dependsOn: [],
      inputs: buildArchivesInputs(provider.releaseSystem),
      outputs: ['{projectRoot}/dist/archives'],
      metadata: {
        technologies: ['terraform'],
        description: 'Packs the provider for each platform, with a checksum beside each archive',
        help: help(provider, 'build-archives', { binaries: 'path/to/binaries' }),
      },
    },
    'push-archives': {
      executor: '@teleport-plugins/nx-release:push-archives',
      ...inEnvironment,
      cache: false,
      dependsOn: after('build-archives'),
      inputs: affectedByOutputs(),
      outputs: ['{workspaceRoot}/dist/release/{projectName}/push-archives.json'],
      metadata: {
        technologies: ['terraform'],
        description: 'Puts the archives into the store of artifacts, under the release tag',
        help: help(provider, 'push-archives', { dryRun: true }),
      },
    },
    'tf-stage': {
      executor: '@teleport-plugins/nx-release:tf-stage',
      ...inEnvironment,
      cache: false,
      dependsOn: after('push-archives'),
      inputs: affectedByOutputs(),
      outputs: ['{workspaceRoot}/dist/release/{projectName}/tf-stage.json'],
      metadata: {
        technologies: ['terraform'],
        description: 'Publishes the archives in the Terraform registry for staging',
        help: help(provider, 'tf-stage', { dryRun: true }),
      },
    },
    'tf-release': {
      executor: '@teleport-plugins/nx-release:tf-release',
      ...inEnvironment,
      cache: false,
      dependsOn: after('tf-stage'),
      inputs: affectedByOutputs(),
      outputs: ['{workspaceRoot}/dist/release/{projectName}/tf-release.json'],
      metadata: {
        technologies: ['terraform'],
        description: 'Publishes the staged version in the Terraform registry of production',
        help: help(provider, 'tf-release', { dryRun: true }),
      },
    },
  };
}
