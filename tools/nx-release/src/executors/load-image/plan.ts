import { platformImage } from '@teleport-plugins/image';
import { formatPlatform } from '@teleport-plugins/oci';

import { findEngine, type Engine, type EngineName } from '../../engine/engine.js';
import { blobsOf, sizeOf, type Loaded } from '../../engine/load.js';
import { StepError } from '../../error.js';
import { openTreeImage } from '../../image/tree-image.js';
import { bytes } from '../../step/amounts.js';
import type { Line } from '../../step/show.js';
import type { EnvironmentStep, StepOptions } from '../../step/step.js';

export interface LoadOptions extends StepOptions {
  readonly engine?: EngineName;
}

/** What load-image is going to do. */
export interface Load extends Loaded {
  readonly engine: Engine;
  /** What the engine gets, in bytes. */
  readonly size: number;
}

/**
 * @throws StepError `other-version`, `engine-missing` and what `openTreeImage` throws
 * @throws ImageError `platform-missing` when the image is not there for what the engine runs
 */
export async function planLoad(step: EnvironmentStep, options: LoadOptions): Promise<Load> {
  const { plugin, selection, run, host } = step;
  if (!selection.isTree) throw otherVersion(step);
  const engine = await findEngine(run, {
    wanted: options.engine,
    otherwise: 'skopeo can read the image without either',
    signal: host.signal,
  });
  const { index: image, complete } = await openTreeImage(step);
  const from = await complete();
  const { platform } = engine;
  const { manifest } = await platformImage(from, image, platform, { signal: host.signal });
  const name = `${plugin.image.repository}:${selection.version}`;
  return { engine, image, from, platform, name, size: sizeOf(blobsOf(manifest)) };
}

export function describeLoad({ engine, image, platform, name, size }: Load): readonly Line[] {
  return [
    ['image', image.digest],
    ['load', `${formatPlatform(platform)} into ${engine.name}`, bytes(size)],
    ['name', name],
  ];
}

function otherVersion({ plugin, selection }: EnvironmentStep): StepError {
  return new StepError(
    'other-version',
    `only the working tree's version, ${plugin.version}, can be loaded; for ${selection.version}, check out ${selection.releaseTag}`,
  );
}
