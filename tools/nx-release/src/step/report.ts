import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { CopyResult } from '@teleport-plugins/registry';
import {
  proveReceipt,
  writeReceipt,
  type ImageReceipt,
  type ProtectionFlag,
  type TransferReceipt,
} from '@teleport-plugins/release';

import type { Places } from '../environment/places.js';
import { StepError } from '../error.js';
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

/** The receipt that a step is going to leave. */
export interface OpenReceipt {
  /**
   * Writes it; one that says that nothing had to be done does not replace that of the run that did it.
   * Throws StepError `receipt-missing`, which says what is done, when it cannot be written after all.
   */
  write(outcome: Outcome): Promise<void>;
}

/**
 * Reads what the receipt of a step needs of the checkout, and proves that it can be written: before the
 * first write elsewhere, because after it a step that fails has done its work all the same. Throws
 * `receipt-unwritable` (packages/release) and what git says.
 */
export async function openReceipt(step: EnvironmentStep): Promise<OpenReceipt> {
  const write = await prepareReceipt(step);
  return {
    write: (outcome) =>
      write(outcome).catch((cause: unknown) => {
        throw withoutReceipt(outcome, cause);
      }),
  };
}

/**
 * Writes down what a step found done already, unless it is a dry run or the receipt of the run that did
 * it is still there. What the step is for is there, so that it does not fail for want of a receipt, but
 * says so.
 */
export async function noteDone(
  step: EnvironmentStep,
  found: Pick<Outcome, 'images' | 'places'>,
): Promise<void> {
  if (step.dryRun || (await isReceiptOf(step, found))) return;
  try {
    const write = await prepareReceipt(step);
    await write({ ...found, allowed: [] });
  } catch (error) {
    step.host.signal.throwIfAborted();
    step.host.printError(`no receipt: ${messageOf(error)}`);
  }
}

async function prepareReceipt(step: EnvironmentStep): Promise<(outcome: Outcome) => Promise<void>> {
  const { project, target, selection, environment, workspaceRoot, host, run } = step;
  const { isClean } = await readCheckout(run);
  const git = { commit: (await readHead(run)) ?? '', isClean };
  await proveReceipt(workspaceRoot, { project, target });
  return async (outcome) => {
    if (didNothing(outcome) && (await isReceiptOf(step, outcome))) return;
    await writeReceipt(workspaceRoot, {
      project,
      target,
      version: selection.version,
      releaseTag: selection.releaseTag,
      environment: environment.name,
      isDryRun: false,
      allowed: outcome.allowed,
      images: outcome.images,
      stores: [],
      transfer: transferOf(outcome),
      git,
      identity: outcome.places.identity(),
      startedAt: step.startedAt,
      finishedAt: host.now(),
    });
  };
}

function didNothing({ copied, images }: Outcome): boolean {
  const results = images.flatMap(({ tags }) => tags.map(({ result }) => result));
  return copied === undefined && results.every((result) => result === 'already');
}

function withoutReceipt({ images }: Outcome, cause: unknown): StepError {
  const places = images.map(({ repository, digest, tags }) => {
    const names = tags.map(({ tag }) => tag).join(', ');
    return `${repository}@${digest} (${names})`;
  });
  return new StepError(
    'receipt-missing',
    `${places.join(' and ')} ${places.length > 1 ? 'are' : 'is'} in place, without a receipt: ${messageOf(cause)}`,
    { cause },
  );
}

/** Whether there is a receipt already of the same images at the same places. */
async function isReceiptOf(
  step: EnvironmentStep,
  { images }: Pick<Outcome, 'images'>,
): Promise<boolean> {
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
