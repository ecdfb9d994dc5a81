import type { ObjectStore } from '@teleport-plugins/object-store';

import { StepError } from '../../error.js';
import type { ProviderStep } from '../../step/step.js';

/** Of an object that is there with other bytes. */
export function otherBytes(
  { plugin, selection }: ProviderStep,
  artifacts: ObjectStore,
  { key, sha256 }: { readonly key: string; readonly sha256: string },
  found: string,
): StepError {
  return new StepError(
    'digest-differs',
    `${artifacts.name}/${key} is there with the sha256 ${found}, and the working tree gives ${sha256}; what is pushed never changes: give the new bytes another version in ${plugin.root}/package.json, or check out ${selection.releaseTag}`,
  );
}

export function notOfTree(step: ProviderStep, where: string): StepError {
  const { plugin, selection } = step;
  return new StepError(
    'other-version',
    `${where} has no archives, and the working tree is ${plugin.version}; to push those of ${selection.version}, check out ${selection.releaseTag} and run \`${pushCommand(step)}\` there`,
  );
}

export function onlySamples(step: ProviderStep, where: string): StepError {
  const { environment } = step;
  return new StepError(
    'sample-refused',
    `${where} has no archives, and all there is to be pushed are sample executables, which ${environment.name} refuses because it is protected; have the real archives put there, or run \`${pushCommand(step)}\``,
  );
}

function pushCommand({ project, environment }: ProviderStep): string {
  const binaries = environment.protected ? ' --binaries FOLDER' : '';
  return `npx nx run ${project}:push-archives:${environment.name}${binaries}`;
}
