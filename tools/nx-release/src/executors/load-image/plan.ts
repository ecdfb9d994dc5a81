import { formatPlatform } from '@teleport-plugins/oci';

import { findEngine, type Engine, type EngineName } from '../../engine/engine.js';
import type { Loaded } from '../../engine/load.js';
import { StepError } from '../../error.js';
import { openTreeImage } from '../../image/tree-image.js';
import type { Line } from '../../step/show.js';
import type { EnvironmentStep, StepOptions } from '../../step/step.js';

export interface LoadOptions extends StepOptions {
  readonly engine?: EngineName;
}

/** What load-image is going to do. */
export interface Load extends Loaded {
  readonly engine: Engine;
}

/** @throws StepError `other-version`, `engine-missing` and what `openTreeImage` throws */
export async function planLoad(step: EnvironmentStep, options: LoadOptions): Promise<Load> {
  const { plugin, selection, run, host } = step;
  if (!selection.isTree) throw otherVersion(step);
  const engine = await findEngine(run, {
    wanted: options.engine,
    otherwise: 'skopeo can read the image without either',
    signal: host.signal,
  });
  const { index: image, complete } = await openTreeImage(step);
  const name = `${plugin.image.repository}:${selection.version}`;
  return { engine, image, from: await complete(), platform: engine.platform, name };
}

export function describeLoad({ engine, image, platform, name }: Load): readonly Line[] {
  return [
    ['image', image.digest],
    ['load', `${formatPlatform(platform)} into ${engine.name}`],
    ['name', name],
  ];
}

function otherVersion({ plugin, selection }: EnvironmentStep): StepError {
  return new StepError(
    'other-version',
    `only the working tree's version, ${plugin.version}, can be loaded; for ${selection.version}, check out ${selection.releaseTag}`,
  );
}
