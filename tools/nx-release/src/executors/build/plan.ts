import { join } from 'node:path';

import { bundleFiles, bundlePlugin, type Bundle } from '../../bundle/bundle.js';
import { bundleFolder } from '../../bundle/stored-bundle.js';
import { bytes } from '../../step/amounts.js';
import type { Line } from '../../step/show.js';
import type { Step } from '../../step/step.js';

export interface BuildPlan {
  readonly bundle: Bundle;
  /** What esbuild finds doubtful. */
  readonly warnings: readonly string[];
}

/** Bundles the plugin, in memory. */
export async function planBuild({ workspaceRoot, plugin }: Step): Promise<BuildPlan> {
  const { warnings, ...bundle } = await bundlePlugin(workspaceRoot, plugin.root);
  return { bundle, warnings };
}

export function describeBuild(step: Step, { bundle, warnings }: BuildPlan): readonly Line[] {
  const written = (name: keyof Bundle): Line => {
    const path = join(bundleFolder(step), bundleFiles[name]);
    return ['write', path, bytes(bundle[name].byteLength)];
  };
  const doubts = warnings.map((warning): Line => ['warning', warning]);
  return [...doubts, written('program'), written('licenses')];
}
