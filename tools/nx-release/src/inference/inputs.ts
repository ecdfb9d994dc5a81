import type { TargetConfiguration } from '@nx/devkit';

import { sourcePathspecs } from '../sources/pathspecs.js';
import type { WorkspacePackage } from '../sources/workspace-packages.js';

type Inputs = NonNullable<TargetConfiguration['inputs']>;

/** What an image is made from, and what makes it. */
export interface ImageSources {
  /** The plugin and the workspace packages that are bundled into it. */
  readonly bundled: readonly WorkspacePackage[];
  /** This package and its libraries. Nx does not put an executor's own sources into the hash. */
  readonly releaseSystem: readonly WorkspacePackage[];
}

/**
 * The bundle depends on the sources of what is in it and of what bundles it, and on the packages that
 * those have installed to run. `^production` would add what only their tests need.
 */
export function buildInputs({ bundled, releaseSystem }: ImageSources): Inputs {
  const [plugin, ...libraries] = bundled;
  const packages = [...new Set([...libraries, ...releaseSystem])];
  return ['production', ...inputsOf(packages, plugin?.dependencies), ...licenseFiles, ...ofRun];
}

/** Archives depend on what is declared of the provider, and on what packs them. */
export function buildArchivesInputs(releaseSystem: readonly WorkspacePackage[]): Inputs {
  return [
    'production',
    ...inputsOf(releaseSystem),
    '{workspaceRoot}/release.config.json',
    ...ofRun,
  ];
}

/**
 * The image depends on the bundle, and on what is written into it from outside the sources: the revision
 * in git, the time, the base that the environment names and, where that is this machine's Node, on it.
 */
export function buildImageInputs(sources: ImageSources, variables: readonly string[]): Inputs {
  const pathspecs = sourcePathspecs(sources.bundled.map(({ root }) => root))
    .map((pathspec) => `'${pathspec}'`)
    .join(' ');
  return [
    ...buildInputs(sources),
    { dependentTasksOutputFiles: '**/*' },
    '{workspaceRoot}/release.config.json',
    { runtime: `git log -1 --format=%H -- ${pathspecs} || true` },
    { runtime: `git status --porcelain --untracked-files=normal -- ${pathspecs} || true` },
    { runtime: runningNode },
    ...['RELEASE_BASE_IMAGE', 'SOURCE_DATE_EPOCH', ...variables].map((env) => ({ env })),
  ];
}

/**
 * For a target that acts on what was built: it is affected by what affects that and by nothing else,
 * so a changed test or README releases nothing.
 */
export function affectedByOutputs(): Inputs {
  return [
    { dependentTasksOutputFiles: '**/*', transitive: true },
    // Without a list of its own, Nx takes every package in the lockfile for an input.
    { externalDependencies: [] },
  ];
}

/** For a target that takes what is in a registry, whatever the workspace holds. */
export function affectedByNothing(): Inputs {
  return [{ externalDependencies: [] }];
}

/** The sources of packages, and what is installed for them; `more` are further dependencies. */
function inputsOf(packages: readonly WorkspacePackage[], more: readonly string[] = []): Inputs {
  const workspace = new Set(packages.map(({ name }) => name));
  const installed = [...more, ...packages.flatMap(({ dependencies }) => dependencies)].filter(
    (name) => !workspace.has(name),
  );
  return [
    { input: 'production', projects: packages.map(({ project }) => project).sort() },
    { externalDependencies: [...new Set(installed)].sort() },
  ];
}

/**
 * A build that does not use the cache has a hash of its own. Nx stores what a task prints under its hash
 * even then, also of a task that fails, and prints that when a later run has a cache hit.
 */
const uncached = ['NX_SKIP_NX_CACHE', 'NX_DISABLE_NX_CACHE'].map((env) => ({ env }));

/** A dry run builds nothing: that must not be taken for a build later. */
const ofRun = [{ env: 'NX_DRY_RUN' }, ...uncached];

/** What the bundle takes the terms of the workspace from (bundle/licenses.ts). */
const licenseFiles = ['LICENSE', 'LICENCE', 'COPYING', 'NOTICE'].map(
  (name) => `{workspaceRoot}/${name}*`,
);

/** Changes when the Node that runs here or a library that it loads does. */
const runningNode = `node --print 'process.report.excludeNetwork = true; [process.execPath, ...process.report.getReport().sharedObjects].filter((file) => fs.existsSync(file)).map((file) => file + fs.statSync(file).mtimeMs).join()'`;
