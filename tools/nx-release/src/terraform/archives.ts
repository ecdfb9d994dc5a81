import type { ObjectStore } from '@teleport-plugins/object-store';
import type { ReleaseArchives } from '@teleport-plugins/terraform-registry';

import type { ArchivesOptions } from '../archives/programs.js';
import { pushedArchives } from '../archives/pushed-archives.js';
import { samplesIn } from '../archives/sample.js';
import { openTreeArchives } from '../archives/tree-archives.js';
import { StepError } from '../error.js';
import { isRunBefore, type ProviderStep } from '../step/step.js';

/**
 * The archives that a version is published from: those in the store of artifacts, whoever put them there. In
 * a dry run of the whole chain they have not been pushed: those that would have been. Throws StepError
 * `not-pushed` and `sample-refused`.
 */
export async function archivesToPublish(
  step: ProviderStep,
  options: ArchivesOptions,
  artifacts: ObjectStore,
): Promise<ReleaseArchives> {
  const { environment, host } = step;
  const archives = await pushedArchives(step, artifacts, (where) => notPushed(step, where)).catch(
    async (error: unknown) => {
      const wouldBe = await wouldBePushed(step, options);
      if (wouldBe === undefined || !isNotPushed(error)) throw error;
      return wouldBe;
    },
  );
  if (!environment.protected) return archives;
  const samples = await samplesIn(archives, host.signal);
  if (samples.length === 0) return archives;
  throw new StepError(
    'sample-refused',
    `${archives.where} has sample executables (${samples.join(', ')}), which ${environment.name} refuses because it is protected; have the real archives put there`,
  );
}

async function wouldBePushed(
  step: ProviderStep,
  options: ArchivesOptions,
): Promise<ReleaseArchives | undefined> {
  const isChain = step.dryRun && step.selection.isTree && isRunBefore(step, 'push-archives');
  return isChain ? openTreeArchives(step, options) : undefined;
}

function isNotPushed(error: unknown): boolean {
  return error instanceof StepError && error.code === 'not-pushed';
}

function notPushed(step: ProviderStep, where: string): StepError {
  const { project, plugin, selection, environment } = step;
  const command = `\`npx nx run ${project}:push-archives:${environment.name}\``;
  const act = selection.isTree
    ? `run ${command} first`
    : `check the tag; if it is right, check out ${selection.releaseTag} (the working tree is ${plugin.version}) and run ${command} there first`;
  return new StepError('not-pushed', `${where} has no archives; ${act}`);
}
