import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { BaseImage, BuiltImage } from '@teleport-plugins/image';
import {
  createLayout,
  formatPlatform,
  openLayout,
  parseDescriptor,
  parseDigest,
  type Descriptor,
  type Digest,
  type Repository,
} from '@teleport-plugins/oci';

import { StepError } from '../error.js';
import { replaceFile, replaceFolder } from '../files/outputs.js';
import type { EnvironmentStep, Step } from '../step/step.js';
import { assembleImage, type ImageParts } from './assemble.js';

/** The image that `build-image` left in `dist`. */
export interface StoredImage {
  readonly version: string;
  readonly index: Descriptor;
  readonly base: { readonly reference: string; readonly digest: Digest };
  /** Holds all but the blobs of the base. */
  readonly layout: Repository;
}

/** Where the image of a plugin is, relative to the workspace. With `.json`: the file that says what it is. */
function imageFolder({ plugin }: Step): string {
  return join(plugin.root, 'dist', 'image');
}

/** Builds an image into `dist`, where nothing of an earlier one stays. */
export async function storeImage(step: EnvironmentStep, parts: ImageParts): Promise<BuiltImage> {
  const path = join(step.workspaceRoot, imageFolder(step));
  const now = step.startedAt;
  const built = await replaceFolder(path, { now }, async (folder) =>
    assembleImage(step, parts, await createLayout(folder)),
  );
  await replaceFile(`${path}.json`, { now }, summary(step.plugin.version, built, parts.base));
  return built;
}

/** Throws StepError `not-built` when there is none, or one of another version. */
export async function readStoredImage(step: Step): Promise<StoredImage> {
  const { selection, workspaceRoot } = step;
  const folder = imageFolder(step);
  const file = `${folder}.json`;
  const image = await readFile(join(workspaceRoot, file), 'utf8')
    .then((text) => parseSummary(JSON.parse(text), file))
    .catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw notBuilt(step, `${file} cannot be read: ${why}`, cause);
    });
  if (image.version !== selection.version) {
    throw notBuilt(step, `${file} is of version ${image.version}, not ${selection.version}`);
  }
  return { ...image, layout: await openLayout(join(workspaceRoot, folder)) };
}

/** For this workspace's steps, and for anybody who wants to know. */
function summary(version: string, built: BuiltImage, base: BaseImage): string {
  const document = {
    schemaVersion: 1,
    version,
    index: built.index,
    base: { reference: base.reference, digest: base.index.digest },
    platforms: built.platforms.map(({ platform, manifest, config, layers }) => ({
      platform: formatPlatform(platform),
      manifest: manifest.digest,
      config: config.digest,
      layers: layers.map(({ digest, size }) => ({ digest, size })),
      size: layers.reduce((sum, layer) => sum + layer.size, 0),
    })),
    omittedPlatforms: built.omitted.map(formatPlatform),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function parseSummary(value: unknown, file: string): Omit<StoredImage, 'layout'> {
  const { version, index, base } = value as Readonly<Record<string, unknown>>;
  const { reference, digest } = base as Readonly<Record<string, unknown>>;
  return {
    version: String(version),
    index: parseDescriptor(index, `index of ${file}`),
    base: { reference: String(reference), digest: parseDigest(String(digest)) },
  };
}

function notBuilt({ project }: Step, what: string, cause?: unknown): StepError {
  const act = `run \`npx nx run ${project}:build-image\``;
  return new StepError('not-built', `there is no image: ${what}; ${act}`, { cause });
}
