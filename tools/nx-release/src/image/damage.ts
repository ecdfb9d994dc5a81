import { join } from 'node:path';

import { OciError, type Content, type Repository } from '@teleport-plugins/oci';

import { StepError } from '../error.js';
import { buildAgain } from '../step/build-again.js';
import type { EnvironmentStep, Step } from '../step/step.js';

/** Where the image of a plugin is, relative to the workspace. With `.json`: the file that says what it is. */
export function imageFolder({ plugin }: Step): string {
  return join(plugin.root, 'dist', 'image');
}

export function notBuilt(step: EnvironmentStep, what: string, cause?: unknown): StepError {
  const { project, environment } = step;
  const act = `run \`npx nx run ${project}:build-image:${environment.name}\``;
  return new StepError('not-built', `there is no image: ${what}; ${act}`, { cause });
}

/** What is there is not what `build-image` has left. */
export function unusable(step: EnvironmentStep, what: string, cause: unknown): StepError {
  const message = `the image in ${imageFolder(step)} cannot be used: ${what}; ${buildAgain(step, 'build-image')}`;
  return new StepError('not-built', message, { cause });
}

/** The layout of an image, which, when it lacks something or has other bytes, says to build it again. */
export function withDamageTold(step: EnvironmentStep, layout: Repository): Repository {
  const told = (error: unknown, part: string): unknown => {
    if (!isDamage(error)) return error;
    const how = error.code === 'not-found' ? 'missing' : 'damaged';
    return unusable(step, `${part} is ${how}`, error);
  };
  const { blobs, manifests } = layout;
  return {
    ...layout,
    blobs: {
      ...blobs,
      async *fetch(blob, options): Content {
        try {
          yield* blobs.fetch(blob, options);
        } catch (error) {
          throw told(error, `the blob ${blob.digest}`);
        }
      },
    },
    manifests: {
      ...manifests,
      fetch: (manifest, options) =>
        manifests.fetch(manifest, options).catch((error: unknown) => {
          throw told(error, `the manifest ${manifest.digest}`);
        }),
    },
  };
}

/** Whether an error of a layout is about what it holds, and not about reading it. */
export function isDamage(error: unknown): error is OciError {
  const codes: readonly OciError['code'][] = ['not-found', 'content-mismatch', 'layout-invalid'];
  return error instanceof OciError && codes.includes(error.code);
}
