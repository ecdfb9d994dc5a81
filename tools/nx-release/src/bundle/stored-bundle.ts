import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { replaceFolder } from '../files/outputs.js';
import { StepError } from '../error.js';
import type { Step } from '../step/step.js';
import { bundleFiles, type Bundle } from './bundle.js';

/** Where a plugin's bundle is, relative to the workspace. */
export function bundleFolder({ plugin }: Step): string {
  return join(plugin.root, 'dist', 'bundle');
}

export async function storeBundle(step: Step, bundle: Bundle): Promise<void> {
  const path = join(step.workspaceRoot, bundleFolder(step));
  await replaceFolder(path, { now: step.startedAt }, async (folder) => {
    await writeFile(join(folder, bundleFiles.program), bundle.program);
    await writeFile(join(folder, bundleFiles.licenses), bundle.licenses);
  });
}

/** Throws StepError `not-built` when there is none. */
export async function readStoredBundle(step: Step): Promise<Bundle> {
  const folder = join(step.workspaceRoot, bundleFolder(step));
  try {
    return {
      program: await readFile(join(folder, bundleFiles.program)),
      licenses: await readFile(join(folder, bundleFiles.licenses)),
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const act = `run \`npx nx run ${step.project}:build\``;
    throw new StepError('not-built', `there is no bundle: ${why}; ${act}`, { cause });
  }
}
