import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { BuiltImage } from '@teleport-plugins/image';
import { createLayout, openLayout, type Repository } from '@teleport-plugins/oci';

import { replaceFile, replaceFolder } from '../files/outputs.js';
import type { EnvironmentStep } from '../step/step.js';
import { assembleImage, type ImageParts } from './assemble.js';
import { imageFolder, isDamage, notBuilt, unusable, withDamageTold } from './damage.js';
import { formatSummary, parseSummary, type ImageSummary } from './image-summary.js';

/** The image that `build-image` left in `dist`. */
export interface StoredImage extends ImageSummary {
  /** Holds all but the blobs of the base. Throws StepError `not-built` for what it should hold and does not. */
  readonly layout: Repository;
}

/** Builds an image into `dist`, where nothing of an earlier one stays. */
export async function storeImage(step: EnvironmentStep, parts: ImageParts): Promise<BuiltImage> {
  const path = join(step.workspaceRoot, imageFolder(step));
  const now = step.startedAt;
  const built = await replaceFolder(path, { now }, async (folder) =>
    assembleImage(step, parts, await createLayout(folder)),
  );
  await replaceFile(`${path}.json`, { now }, formatSummary(step.plugin.version, built, parts.base));
  return built;
}

/** Throws StepError `not-built` when there is none, one of another version, or one that is damaged. */
export async function readStoredImage(step: EnvironmentStep): Promise<StoredImage> {
  const { selection, workspaceRoot } = step;
  const folder = imageFolder(step);
  const file = `${folder}.json`;
  const text = await readFile(join(workspaceRoot, file), 'utf8').catch((cause: unknown) => {
    throw notBuilt(step, `${file} cannot be read: ${messageOf(cause)}`, cause);
  });
  const image = summaryOf(step, file, text);
  if (image.version !== selection.version) {
    throw notBuilt(step, `${file} is of version ${image.version}, not ${selection.version}`);
  }
  const layout = await openLayout(join(workspaceRoot, folder)).catch((cause: unknown) => {
    if (!isDamage(cause)) throw cause;
    throw unusable(step, 'it is not a whole image layout', cause);
  });
  return { ...image, layout: withDamageTold(step, layout) };
}

function summaryOf(step: EnvironmentStep, file: string, text: string): ImageSummary {
  try {
    return parseSummary(text);
  } catch (cause) {
    throw unusable(step, `${file}: ${messageOf(cause)}`, cause);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
