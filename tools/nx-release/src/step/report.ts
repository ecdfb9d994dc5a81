import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { CopyResult } from '@teleport-plugins/registry';
import {
  writeReceipt,
  type ImageReceipt,
  type ProtectionFlag,
  type TransferReceipt,
} from '@teleport-plugins/release';

import type { Places } from '../environment/places.js';
import { readCheckout, readHead } from '../sources/git.js';
import type { EnvironmentStep } from './step.js';

/** What a step has done at the registries. */
export interface Outcome {
  readonly images: readonly ImageReceipt[];
  /** Absent when everything was there already. */
  readonly copied?: CopyResult | undefined;
  readonly allowed: readonly ProtectionFlag[];
  /** The registries that the step talked to. */
  readonly places: Pick<Places, 'traffic' | 'identity'>;
}

/**
 * Writes the receipt of a step, unless it is a dry run. A step that had nothing to do leaves the
 * receipt of the one that did it, where that is still there, because it says more.
 */
export async function writeOutcome(step: EnvironmentStep, outcome: Outcome): Promise<void> {
  const { project, target, selection, environment, workspaceRoot, host, run } = step;
  if (step.dryRun || (didNothing(outcome) && (await isReceiptOf(step, outcome)))) return;
  const checkout = await readCheckout(run);
  await writeReceipt(workspaceRoot, {
    project,
    target,
    version: selection.version,
    releaseTag: selection.releaseTag,
    environment: environment.name,
    isDryRun: false,
    allowed: outcome.allowed,
    images: outcome.images,
    transfer: transferOf(outcome),
    git: { commit: (await readHead(run)) ?? '', isClean: checkout.isClean },
    identity: outcome.places.identity(),
    startedAt: step.startedAt,
    finishedAt: host.now(),
  });
}

function didNothing({ copied, images }: Outcome): boolean {
  const results = images.flatMap(({ tags }) => tags.map(({ result }) => result));
  return copied === undefined && results.every((result) => result === 'already');
}

/** Whether there is a receipt already of the same images at the same places. */
async function isReceiptOf(step: EnvironmentStep, { images }: Outcome): Promise<boolean> {
  const { workspaceRoot, project, target, environment } = step;
  const path = join(workspaceRoot, 'dist', 'release', project, `${target}.json`);
  const identity = (environment: unknown, images: readonly ImageReceipt[]) =>
    [environment, ...images.map(({ repository, digest }) => `${repository}@${digest}`)].join();
  try {
    const found = JSON.parse(await readFile(path, 'utf8')) as Outcome & { environment: unknown };
    return identity(found.environment, found.images) === identity(environment.name, images);
  } catch {
    return false;
  }
}

function transferOf({ copied, places }: Outcome): TransferReceipt {
  const nothing = { count: 0, bytes: 0 };
  return {
    copied: copied?.copied ?? nothing,
    mounted: copied?.mounted ?? nothing,
    skipped: copied?.skipped ?? nothing,
    ...places.traffic(),
  };
}
