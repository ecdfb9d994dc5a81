import { failedWith } from '../error.js';
import { alreadyExists, hasChanged } from '../refusal.js';
import type { OperationOptions, PutMode, Version } from '../store.js';
import type { Calls } from './calls.js';
import type { Task } from './failure.js';
import { headIfAllowed } from './head.js';
import { versionOf, writing, type Place } from './place.js';
import { retryBudget } from './retry.js';
import { answeredWith } from './sdk-error.js';

/** The parameters that make S3 hold to a mode. */
export function conditionOf(mode: PutMode): { IfNoneMatch?: '*'; IfMatch?: Version } {
  if (mode === 'overwrite') return {};
  return mode === 'create' ? { IfNoneMatch: '*' } : { IfMatch: mode.replace };
}

/** In the metadata of an object, by which its writer knows it again. */
export const writeId = 'write-id';

export interface ConditionalWrite {
  readonly mode: PutMode;
  /** A text of this write's own, which the object gets as the metadata `write-id`. */
  readonly id: string;
  /** The request that has the effect. */
  readonly send: (task: Task) => Promise<{ readonly ETag?: string | undefined }>;
  /** Whether the same request may follow a conflict. If not, the conflict is thrown. */
  readonly repeatable: boolean;
}

/**
 * Makes a conditional request until it is answered. One whose answer got lost may have had its effect; then the
 * condition fails in the next one because of the first one, which is found out by the id.
 */
export async function writeConditionally(
  calls: Calls,
  place: Place,
  { mode, id, send, repeatable }: ConditionalWrite,
  options: OperationOptions,
): Promise<Version> {
  const task = writing(place, options);
  const budget = retryBudget(calls.tuning);
  let mayBeDone = false;
  for (;;) {
    try {
      return versionOf(place, (await send(task)).ETag);
    } catch (error) {
      if (mayBeDone && failedWith(error, 'changed', 'not-found')) {
        const found = await headIfAllowed(calls, place, options);
        if (found?.metadata[writeId] === id) return found.info.version;
      }
      const refused = refusalOf(error, place, mode);
      if (refused !== undefined) throw refused;
      if (!isConflict(error)) mayBeDone = true;
      else if (!repeatable) throw error;
      await budget.pause(error, options.signal);
    }
  }
}

/** Whether S3 was writing the key for somebody else, and has not done this. */
export function isConflict(error: unknown): boolean {
  return answeredWith(error, 'ConditionalRequestConflict', 'OperationAborted');
}

/** What to throw when an answer says that the mode does not allow the write. */
function refusalOf(error: unknown, place: Place, mode: PutMode): Error | undefined {
  if (mode === 'overwrite' || isConflict(error) || answeredWith(error, 'NoSuchUpload')) {
    return undefined;
  }
  // A replaced object that is absent is answered as absent.
  const isGone = mode !== 'create' && answeredWith(error, 'NoSuchKey');
  if (!isGone && !failedWith(error, 'changed')) return undefined;
  return mode === 'create'
    ? alreadyExists(place.where, { cause: error })
    : hasChanged(place.where, mode.replace, undefined, { cause: error });
}
