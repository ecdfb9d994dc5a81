import { platformImage } from '@teleport-plugins/image';
import { formatPlatform, samePlatform, type Descriptor } from '@teleport-plugins/oci';

import { findEngine, type Engine } from '../../engine/engine.js';
import { blobsOf, loadedImage, loadInto, sizeOf, type Loaded } from '../../engine/load.js';
import type { Place } from '../../environment/place.js';
import { bytes } from '../../step/amounts.js';
import { copyProgress, reportingReads } from '../../step/progress.js';
import { dryRunDone, showPlan, type Line } from '../../step/show.js';
import type { EnvironmentStep } from '../../step/step.js';
import { stagedImage, type EngineDestination } from './plan.js';

/** Puts a staged image into an engine, under the name that it would have there from a pull. */
export async function pullIntoEngine(
  step: EnvironmentStep,
  staging: Place,
  destination: EngineDestination,
): Promise<string> {
  const { host, run, project, selection } = step;
  const { signal } = host;
  const pull = await planPull(step, staging, destination);
  const { engine, blobs } = pull;
  const reference = `${pull.name}@${pull.image.digest}`;
  const hint = `try it with: ${tryingOut(pull)}`;
  if (pull.isThere) return `already in ${engine.name}: ${reference}; ${hint}`;

  const title = `${project} ${selection.version} from ${staging.reference()}`;
  showPlan(host, title, describePull(pull, step.dryRun));
  if (step.dryRun) return dryRunDone;

  const from = reportingReads(pull.from, blobs, copyProgress(host));
  await loadInto(run, engine, { ...pull, from }, { signal });
  const what = `${formatPlatform(pull.platform)}, ${bytes(sizeOf(blobs))}`;
  return `pulled ${reference} into ${engine.name} (${what}); ${hint}`;
}

/** What is going to be put into which engine. */
interface EnginePull extends Loaded {
  readonly engine: Engine;
  /** What is read for it. */
  readonly blobs: readonly Descriptor[];
  /** Whether the engine has exactly this image under the name. */
  readonly isThere: boolean;
}

async function planPull(
  step: EnvironmentStep,
  staging: Place,
  { wanted, platform: asked }: EngineDestination,
): Promise<EnginePull> {
  const { run, selection, host } = step;
  const { signal } = host;
  const engine = await findEngine(run, { wanted, otherwise: '--to layout needs neither', signal });
  const platform = asked ?? engine.platform;
  const image = await stagedImage(step, staging);
  const from = staging.repository;
  const { descriptor, manifest } = await platformImage(from, image, platform, { signal });
  const name = staging.reference({ tag: selection.version });
  const loaded = await loadedImage(run, engine, name);
  return {
    engine,
    image,
    from,
    platform,
    name,
    blobs: blobsOf(manifest),
    isThere: loaded === manifest.config.digest || loaded === descriptor.digest,
  };
}

function describePull(
  { engine, image, platform, name, blobs }: EnginePull,
  dryRun: boolean,
): readonly Line[] {
  const each = blobs.map((blob): Line => ['read', `blob ${blob.digest}`, bytes(blob.size)]);
  return [
    ['image', image.digest],
    ...(dryRun ? each : []),
    ['load', `${formatPlatform(platform)} into ${engine.name}`, bytes(sizeOf(blobs))],
    ['name', name],
  ];
}

function tryingOut({ engine, platform, name }: EnginePull): string {
  const isForeign = !samePlatform(platform, engine.platform);
  const words = isForeign ? ` --platform ${formatPlatform(platform)}` : '';
  return `${engine.name} run --rm${words} ${name} --version`;
}
