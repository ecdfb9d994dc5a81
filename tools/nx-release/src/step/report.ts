import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { CopyResult } from '@teleport-plugins/registry';
import {
  proveReceipt,
  writeReceipt,
  type Amount,
  type ImageReceipt,
  type ObjectReceipt,
  type ProtectionFlag,
  type Selection,
  type StoreReceipt,
  type TransferReceipt,
} from '@teleport-plugins/release';

import type { Places } from '../environment/places.js';
import { StepError } from '../error.js';
import { readCheckout, readHead } from '../sources/git.js';
import { count } from './amounts.js';
import type { AnyStep } from './step.js';

/** What a receipt says of the step that leaves it. */
export interface ReceiptStep extends Omit<AnyStep, 'plugin' | 'selection' | 'config' | 'options'> {
  /** Absent for what is done to a registry as a whole. */
  readonly selection?: Pick<Selection, 'version' | 'releaseTag'> | undefined;
}

/** What a step has done at registries or in stores. */
export interface Outcome {
  readonly images?: readonly ImageReceipt[];
  /** Of images. Absent when everything was there already. */
  readonly copied?: CopyResult | undefined;
  readonly stores?: readonly StoreReceipt[];
  readonly allowed: readonly ProtectionFlag[];
  /** The registries and stores that the step talked to. */
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
export async function openReceipt(step: ReceiptStep): Promise<OpenReceipt> {
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
  step: ReceiptStep,
  found: Pick<Outcome, 'images' | 'stores' | 'places'>,
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

async function prepareReceipt(step: ReceiptStep): Promise<(outcome: Outcome) => Promise<void>> {
  const { project, target, selection, environment, workspaceRoot, host, run } = step;
  const { isClean } = await readCheckout(run);
  const git = { commit: (await readHead(run)) ?? '', isClean };
  await proveReceipt(workspaceRoot, { project, target });
  return async (outcome) => {
    if (didNothing(outcome) && (await isReceiptOf(step, outcome))) return;
    await writeReceipt(workspaceRoot, {
      project,
      target,
      version: selection?.version,
      releaseTag: selection?.releaseTag,
      environment: environment.name,
      isDryRun: false,
      allowed: outcome.allowed,
      images: outcome.images ?? [],
      stores: outcome.stores ?? [],
      transfer: transferOf(outcome),
      git,
      identity: outcome.places.identity(),
      startedAt: step.startedAt,
      finishedAt: host.now(),
    });
  };
}

function didNothing({ copied, images = [], stores = [] }: Outcome): boolean {
  const results = [
    ...images.flatMap(({ tags }) => tags.map(({ result }) => result)),
    ...stores.flatMap(({ objects }) => objects.map(({ result }) => result)),
  ];
  return copied === undefined && results.every((result) => result === 'already');
}

function withoutReceipt({ images = [], stores = [] }: Outcome, cause: unknown): StepError {
  const places = [
    ...images.map(({ repository, digest, tags }) => {
      const names = tags.map(({ tag }) => tag).join(', ');
      return `${repository}@${digest} (${names})`;
    }),
    ...stores.map(({ store, objects }) => `${store} (${count(objects.length, 'object')})`),
  ];
  return new StepError(
    'receipt-missing',
    `${places.join(' and ')} ${places.length > 1 ? 'are' : 'is'} in place, without a receipt: ${messageOf(cause)}`,
    { cause },
  );
}

/** Whether there is a receipt already of the same things at the same places. */
async function isReceiptOf(
  step: ReceiptStep,
  done: Pick<Outcome, 'images' | 'stores'>,
): Promise<boolean> {
  const { workspaceRoot, project, target, environment } = step;
  const path = join(workspaceRoot, 'dist', 'release', project, `${target}.json`);
  const identity = (name: unknown, { images = [], stores = [] }: typeof done) =>
    JSON.stringify([
      name,
      images.map(({ repository, digest }) => `${repository}@${digest}`),
      stores.map(({ store, objects, signedBy }) => [
        store,
        signedBy,
        objects.map(({ key, sha256 }) => `${key} ${sha256 ?? ''}`).sort(),
      ]),
    ]);
  try {
    const found = JSON.parse(await readFile(path, 'utf8')) as Outcome & { environment: unknown };
    return identity(found.environment, found) === identity(environment.name, done);
  } catch {
    return false;
  }
}

function transferOf({ copied, stores = [], places }: Outcome): TransferReceipt {
  const objects = stores.flatMap((store) => store.objects);
  const isThere = ({ result }: ObjectReceipt) => result === 'already';
  const nothing = { count: 0, bytes: 0 };
  return {
    copied: copied?.copied ?? amountOf(objects.filter((each) => !isThere(each))),
    mounted: copied?.mounted ?? nothing,
    skipped: copied?.skipped ?? amountOf(objects.filter(isThere)),
    ...places.traffic(),
  };
}

function amountOf(objects: readonly ObjectReceipt[]): Amount {
  return {
    count: objects.length,
    bytes: objects.reduce((sum, { size = 0 }) => sum + size, 0),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
