import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { createNodesFromFiles, type CreateNodesFunction } from '@nx/devkit';

import { readWorkspacePackages, withDependencies } from '../sources/workspace-packages.js';
import { readEnvironments } from './environments.js';
import { providerTargets } from './provider-targets.js';
import { rootProject, targetsOfRoot } from './root-targets.js';
import { imageTargets } from './targets.js';

/**
 * Gives every package with a `release.json` its release targets, and the root of a workspace with a
 * `release.config.json` those of the environments.
 *
 * A broken `release.json` or `release.config.json` does not break the graph,
 * which would stop every project: the targets are there, and running one says what is wrong where.
 */
export const createNodes: CreateNodesFunction = (files, options, context) => {
  const folders = files.filter((file) => file.endsWith('/package.json')).map(dirname);
  const packages = readWorkspacePackages(context.workspaceRoot, folders);
  const environments = readEnvironments(context.workspaceRoot);
  const releaseSystem = packages
    .filter(({ name }) => name === '@teleport-plugins/nx-release')
    .flatMap((own) => withDependencies(packages, own));

  return createNodesFromFiles(
    (file) => {
      const root = dirname(file);
      if (root === '.') {
        const targets = targetsOfRoot(environments);
        return { projects: { [root]: { name: rootProject, targets } } };
      }
      const plugin = packages.find((each) => each.root === root);
      // Not a package, so not a project either: the folder of somebody who has just begun.
      if (plugin === undefined) return {};
      const { project } = plugin;
      if (readKind(context.workspaceRoot, file) === 'terraform-provider') {
        const targets = providerTargets({ project, environments, releaseSystem });
        return { projects: { [root]: { targets } } };
      }
      const sources = { bundled: withDependencies(packages, plugin), releaseSystem };
      const targets = imageTargets({ project, sources, environments });
      return { projects: { [root]: { targets } } };
    },
    files.filter((file) => /(?:\/release|^release\.config)\.json$/.test(file)),
    options,
    context,
  );
};

/** The kind of plugin that a `release.json` says; its steps judge the rest of it. */
function readKind(workspaceRoot: string, file: string): unknown {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(workspaceRoot, file), 'utf8'));
    return (Object(manifest) as { readonly kind?: unknown }).kind;
  } catch {
    return undefined;
  }
}
