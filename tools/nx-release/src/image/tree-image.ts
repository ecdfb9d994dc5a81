import { join } from 'node:path';

import type { BaseImage } from '@teleport-plugins/image';
import {
  createLayout,
  withBlobsFrom,
  type Descriptor,
  type Repository,
} from '@teleport-plugins/oci';

import { bundlePlugin } from '../bundle/bundle.js';
import { openBase } from '../environment/base.js';
import { temporaryFolder } from '../environment/temporary-folder.js';
import { StepError } from '../error.js';
import { readProvenance } from '../sources/provenance.js';
import { buildAgain } from '../step/build-again.js';
import type { EnvironmentStep } from '../step/step.js';
import { assembleImage } from './assemble.js';
import { readStoredImage, type StoredImage } from './stored-image.js';

/** The image of the working tree's version. */
export interface TreeImage {
  readonly index: Descriptor;
  /**
   * All of it, with the blobs of its base, which are obtained when they are not at hand any more. Throws
   * `base-missing` when what can be obtained is another base.
   */
  readonly complete: () => Promise<Repository>;
}

/**
 * The image that `build-image` has left in `dist`; a dry run, in which nothing has been built, builds it
 * aside. Throws StepError `not-built`.
 */
export async function openTreeImage(step: EnvironmentStep): Promise<TreeImage> {
  if (step.dryRun) return assembleAside(step);
  const image = await readStoredImage(step);
  return {
    index: image.index,
    complete: async () => {
      const base = await openBase(step);
      if (image.base.digest !== base.index.digest) throw otherBase(step, image, base);
      return withBlobsFrom(image.layout, base.repository.blobs);
    },
  };
}

async function assembleAside(step: EnvironmentStep): Promise<TreeImage> {
  const base = await openBase(step);
  const layout = await createLayout(join(await temporaryFolder(step.host), 'image'));
  const bundle = await bundlePlugin(step.workspaceRoot, step.plugin.root);
  const parts = { base, bundle, provenance: await readProvenance(step) };
  const { index } = await assembleImage(step, parts, layout);
  return { index, complete: () => Promise.resolve(withBlobsFrom(layout, base.repository.blobs)) };
}

function otherBase(step: EnvironmentStep, image: StoredImage, base: BaseImage): StepError {
  const was = `${image.base.reference} (${image.base.digest})`;
  const is = `${base.reference} (${base.index.digest})`;
  return new StepError(
    'base-missing',
    `the image was built on the base ${was}, and what can be had now is ${is}; ${buildAgain(step, 'build-image')}`,
  );
}
