import type { TargetConfiguration } from '@nx/devkit';

import { configurations } from './configurations.js';
import type { DeclaredEnvironments } from './environments.js';
import {
  affectedByOutputs,
  affectedByNothing,
  buildImageInputs,
  buildInputs,
  type ImageSources,
} from './inputs.js';
import { after, help } from './target-parts.js';

/** The targets that plugins get, in the order in which they depend on each other. */
export const releaseTargets = [
  'build',
  'build-image',
  'load-image',
  'push-staging',
  'pull-staging',
  'promote-public',
] as const;

export type ReleaseTarget = (typeof releaseTargets)[number];

/** What the targets of one plugin are made of. */
export interface ImagePlugin {
  /** Its name in Nx's graph. */
  readonly project: string;
  readonly sources: ImageSources;
  readonly environments: DeclaredEnvironments;
}

/** The release targets of a plugin whose product is a container image. */
export function imageTargets(plugin: ImagePlugin): Record<ReleaseTarget, TargetConfiguration> {
  const { sources, environments } = plugin;
  const inEnvironment = configurations(environments);
  return {
    build: {
      executor: '@teleport-plugins/nx-release:build',
      cache: true,
      dependsOn: ['^build'],
      inputs: buildInputs(sources),
      outputs: ['{projectRoot}/dist/bundle'],
      metadata: {
        technologies: ['esbuild'],
        description: 'Bundles the plugin into one JavaScript file',
        help: help(plugin, 'build'),
      },
    },
    'build-image': {
      executor: '@teleport-plugins/nx-release:build-image',
      ...inEnvironment,
      cache: true,
      dependsOn: after('build'),
      inputs: buildImageInputs(sources, environments.variables),
      outputs: ['{projectRoot}/dist/image', '{projectRoot}/dist/image.json'],
      metadata: {
        technologies: ['oci'],
        description: 'Builds the container image, as an OCI image layout',
        help: help(plugin, 'build-image'),
      },
    },
    'load-image': {
      executor: '@teleport-plugins/nx-release:load-image',
      ...inEnvironment,
      cache: false,
      dependsOn: after('build-image'),
      inputs: affectedByOutputs(),
      outputs: [],
      metadata: {
        technologies: ['oci', 'docker'],
        description: 'Puts the image into the local Docker or Podman',
        help: help(plugin, 'load-image', { engine: 'docker' }),
      },
    },
    'push-staging': {
      executor: '@teleport-plugins/nx-release:push-staging',
      ...inEnvironment,
      cache: false,
      dependsOn: after('build-image'),
      inputs: affectedByOutputs(),
      outputs: ['{workspaceRoot}/dist/release/{projectName}/push-staging.json'],
      metadata: {
        technologies: ['oci'],
        description: 'Pushes the image to the staging registry, then tags the version',
        help: help(plugin, 'push-staging', { dryRun: true }),
      },
    },
    'pull-staging': {
      executor: '@teleport-plugins/nx-release:pull-staging',
      ...inEnvironment,
      cache: false,
      dependsOn: [],
      inputs: affectedByNothing(),
      outputs: ['{workspaceRoot}/dist/release/{projectName}/pull-staging.json'],
      metadata: {
        technologies: ['oci', 'docker'],
        description: 'Puts a staged version into the local Docker or Podman, or into a layout',
        help: help(plugin, 'pull-staging', { to: 'layout' }),
      },
    },
    'promote-public': {
      executor: '@teleport-plugins/nx-release:promote-public',
      ...inEnvironment,
      cache: false,
      dependsOn: after('push-staging'),
      inputs: affectedByOutputs(),
      outputs: ['{workspaceRoot}/dist/release/{projectName}/promote-public.json'],
      metadata: {
        technologies: ['oci'],
        description: 'Copies the staged digest of the version to the public registry, then tags it',
        help: help(plugin, 'promote-public', { dryRun: true }),
      },
    },
  };
}
