import { join } from 'node:path';

import type { ExecutorContext } from '@nx/devkit';

import { packArchives } from '../../archives/pack.js';
import { findPrograms, type ArchivesOptions } from '../../archives/programs.js';
import { storeArchives } from '../../archives/tree-archives.js';
import { temporaryFolder } from '../../environment/temporary-folder.js';
import { processHost } from '../../host.js';
import { duration } from '../../step/amounts.js';
import { runStep } from '../../step/run-step.js';
import { showPlan } from '../../step/show.js';
import { nothingToBuild, openProviderStep } from '../../step/step.js';
import { describePacked, describePrograms, noSamples } from './plan.js';

/**
 * Packs a Terraform provider into `dist/archives`: an archive for each platform, with its checksum beside
 * it. The programs come from a folder; without one they are samples, where the environment is not protected.
 */
export default function buildArchives(
  options: ArchivesOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const step = await openProviderStep(options, context, host);
    const nothing = nothingToBuild(step) ?? noSamples(step, options);
    if (nothing !== undefined) return nothing;

    const programs = await findPrograms(step, options);
    const title = `${step.project} ${step.plugin.version}: archives`;
    showPlan(host, title, describePrograms(programs, options));
    if (step.dryRun) {
      const aside = join(await temporaryFolder(host), 'archives');
      return `dry run: would be ${describePacked(await packArchives(step, programs, aside))}`;
    }

    const packed = await storeArchives(step, programs);
    return `${describePacked(packed)}, in ${duration(step.startedAt, host.now())}`;
  });
}
