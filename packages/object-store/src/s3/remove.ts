import type { OperationOptions } from '../store.js';
import type { Calls } from './calls.js';
import { target, writing, type Place } from './place.js';

/** Removes an object; one that is absent is none already. */
export async function remove(
  calls: Calls,
  place: Place,
  options: OperationOptions | undefined,
): Promise<void> {
  const task = { ...writing(place, options), act: 'delete it', permission: 's3:DeleteObject' };
  await calls.call(task, (s3, o) => s3.deleteObject(target(place), o));
}
