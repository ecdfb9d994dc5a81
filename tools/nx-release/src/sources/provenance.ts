import type { ExecutorContext } from '@nx/devkit';
import { latestCreated } from '@teleport-plugins/image';

import { StepError } from '../error.js';
import type { Step } from '../step/step.js';
import { readCheckout, readLastCommit, readRevision } from './git.js';
import { sourcePathspecs } from './pathspecs.js';
import { readWorkspacePackages, withDependencies } from './workspace-packages.js';

/** Where an image comes from, as it says of itself. */
export interface Provenance {
  /** A commit; absent where nothing has been committed. */
  readonly revision?: string;
  readonly created: Date;
  /** What is doubtful about it, for people. */
  readonly notes: readonly string[];
}

/**
 * The last commit that changed the sources of the plugin or of a workspace package that is bundled into
 * it, and its time: commits elsewhere, or to tests, leave the image as it is. SOURCE_DATE_EPOCH
 * replaces the time.
 * https://reproducible-builds.org/specs/source-date-epoch/
 */
export async function readProvenance(step: Step): Promise<Provenance> {
  const { run, host } = step;
  const revision = await readRevision(run, sourcesOf(step));
  const created = sourceDate(host.env.SOURCE_DATE_EPOCH) ?? revision?.committed ?? new Date(0);
  if (revision === undefined) return { created, notes: ['nothing is committed: no revision'] };

  const { isShallow } = await readCheckout(run);
  const notes = [
    ...(revision.isDirty ? ['its sources have uncommitted changes'] : []),
    ...(isShallow ? ['this clone is shallow, its revision may be another in a full one'] : []),
  ];
  return { revision: `${revision.commit}${revision.isDirty ? '-dirty' : ''}`, created, notes };
}

/**
 * What the image of the selected version should say that it is of: the last commit that changed its
 * sources, in the checkout for the working tree's version, as far as the release tag for another one.
 * `undefined` where the tag is not known here. Sources of another version are looked for where they
 * are now.
 */
export async function readTaggedRevision(step: Step): Promise<string | undefined> {
  const { isTree, releaseTag } = step.selection;
  return readLastCommit(step.run, isTree ? 'HEAD' : { tag: releaseTag }, sourcesOf(step));
}

function sourcesOf({ plugin, context }: Step): readonly string[] {
  return sourcePathspecs(sourceFolders(context, plugin.root));
}

/** The folders whose files go into the bundle, relative to the workspace. */
function sourceFolders(context: ExecutorContext, pluginRoot: string): readonly string[] {
  const roots = Object.values(context.projectsConfigurations.projects).map(({ root }) => root);
  const packages = readWorkspacePackages(context.root, roots);
  const plugin = packages.find(({ root }) => root === pluginRoot);
  return plugin === undefined
    ? [pluginRoot]
    : withDependencies(packages, plugin).map(({ root }) => root);
}

/** The time that SOURCE_DATE_EPOCH says. Throws StepError `variable-invalid`. */
export function sourceDate(epoch: string | undefined): Date | undefined {
  if (epoch === undefined || epoch === '') return undefined;
  const seconds = /^\d{1,10}$/.test(epoch) ? Number(epoch) : undefined;
  if (seconds !== undefined && seconds <= latestCreated) return new Date(seconds * 1000);
  throw new StepError(
    'variable-invalid',
    `SOURCE_DATE_EPOCH: expected seconds since 1970, at most ${latestCreated}, found "${epoch}"; correct or unset it`,
  );
}
