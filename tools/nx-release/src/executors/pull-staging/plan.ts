import { isAbsolute, join, relative, resolve } from 'node:path';

import { OciError, parsePlatform, type Descriptor, type Platform } from '@teleport-plugins/oci';
import { compareVersions, formatReleaseTag, isVersion } from '@teleport-plugins/release';

import type { EngineName } from '../../engine/engine.js';
import type { Place } from '../../environment/place.js';
import { StepError } from '../../error.js';
import type { EnvironmentStep, StepOptions } from '../../step/step.js';

export interface PullOptions extends StepOptions {
  readonly to?: 'engine' | 'layout';
  readonly engine?: EngineName;
  readonly platform?: string;
  readonly directory?: string;
}

/** Where a pulled image goes. */
export type Destination = EngineDestination | LayoutDestination;

export interface EngineDestination {
  readonly kind: 'engine';
  readonly wanted: EngineName | undefined;
  /** Default: the engine's. */
  readonly platform: Platform | undefined;
}

export interface LayoutDestination {
  readonly kind: 'layout';
  readonly path: string;
  /** The same, relative to the workspace where it is in it: for people and receipts. */
  readonly folder: string;
}

/** @throws StepError `option-invalid` */
export function destinationOf(step: EnvironmentStep, options: PullOptions): Destination {
  const { to = 'engine', engine, platform, directory } = options;
  if (to === 'engine') {
    if (directory !== undefined) throw belongsTo('--directory', 'layout');
    return { kind: 'engine', wanted: engine, platform: platformOf(platform) };
  }
  if (engine !== undefined) throw belongsTo('--engine', 'engine');
  if (platform !== undefined) {
    throw optionInvalid('--platform is for --to engine: a layout gets all platforms; leave it out');
  }
  const { project, selection, workspaceRoot } = step;
  const usual = join('dist', 'pulled', project, selection.version);
  const path = resolve(workspaceRoot, directory ?? usual);
  const folder = relative(workspaceRoot, path);
  const isInside = folder.split('/')[0] !== '..' && !isAbsolute(folder);
  return { kind: 'layout', path, folder: isInside ? folder : path };
}

/**
 * The image that is staged under the version.
 *
 * @throws StepError `not-staged`, with the versions that are
 */
export async function stagedImage(step: EnvironmentStep, staging: Place): Promise<Descriptor> {
  const { signal } = step.host;
  const { manifests } = staging.repository;
  const image = await manifests.resolve(step.selection.version, { signal });
  if (image !== undefined) return image;
  throw notStaged(step, staging, await releaseTagsOf(step, staging));
}

/** The highest staged versions, as release tags; `undefined` when the registry does not say. */
async function releaseTagsOf(
  { plugin, host }: EnvironmentStep,
  { repository }: Place,
): Promise<readonly string[] | undefined> {
  const tags: string[] = [];
  try {
    for await (const tag of repository.manifests.tags({ signal: host.signal })) tags.push(tag);
  } catch {
    host.signal.throwIfAborted();
    // It is for the message only: who may pull need not be allowed to list.
    return undefined;
  }
  return tags
    .filter((tag) => isVersion(tag))
    .sort((a, b) => compareVersions(b, a))
    .slice(0, 3)
    .map((version) => formatReleaseTag({ prefix: plugin.releaseTagPrefix, version }));
}

function notStaged(
  { project, selection, environment, plugin }: EnvironmentStep,
  staging: Place,
  others: readonly string[] | undefined,
): StepError {
  const command = `\`npx nx run ${project}:push-staging:${environment.name}\``;
  const push = selection.isTree
    ? `run ${command} first`
    : `check out ${selection.releaseTag} (the working tree is ${plugin.version}) and run ${command} there first`;
  const [highest] = others ?? [];
  const act =
    highest === undefined
      ? push
      : `name one that is (--tag ${others?.join(', ') ?? ''}), or ${push}`;
  const reference = staging.reference({ tag: selection.version });
  return new StepError('not-staged', `${reference} is not staged; ${act}`);
}

function platformOf(text: string | undefined): Platform | undefined {
  try {
    return text === undefined ? undefined : parsePlatform(text);
  } catch (error) {
    if (error instanceof OciError) throw optionInvalid(`--platform: ${error.message}`);
    throw error;
  }
}

function belongsTo(option: string, to: Destination['kind']): StepError {
  return optionInvalid(`${option} is for --to ${to}: add that, or leave it out`);
}

function optionInvalid(message: string): StepError {
  return new StepError('option-invalid', message);
}
