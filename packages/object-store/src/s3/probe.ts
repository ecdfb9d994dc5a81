import { randomUUID } from 'node:crypto';

import { failedWith } from '../error.js';
import type { OperationOptions, PutMode, Version } from '../store.js';
import type { Calls } from './calls.js';
import { placeOf, type Place } from './place.js';
import { put } from './put.js';
import { remove } from './remove.js';
import { answeredWith } from './sdk-error.js';

/**
 * Under how many keys it is tried. A server under load may refuse a first write that nobody is in the way of, and
 * that is no reason to do without it.
 */
const attempts = 4;

/** Whether the server looks at both conditions, tried with an object of a throwaway key. */
export async function probe(
  calls: Calls,
  bucket: string,
  prefix: string,
  options: OperationOptions | undefined,
): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const key = `.conditional-write-probe/${randomUUID()}`;
    const place = placeOf(bucket, prefix === '' ? key : `${prefix}/${key}`);
    const found = await probeAt(calls, place, options);
    if (found !== 'refused at once') return found === 'both hold';
  }
  return false;
}

type Found = 'both hold' | 'ignored' | 'refused at once';

async function probeAt(
  calls: Calls,
  place: Place,
  options: OperationOptions | undefined,
): Promise<Found> {
  try {
    // On a condition as well: the policy of a bucket may forbid every other write.
    if (!(await accepted('create'))) return 'refused at once';
    const another = '"00000000000000000000000000000000"' as Version;
    const holds = !(await accepted('create')) && !(await accepted({ replace: another }));
    return holds ? 'both hold' : 'ignored';
  } catch (error) {
    if (answeredWith(error, 'NotImplemented')) return 'ignored';
    throw error;
  } finally {
    // Also when the caller has aborted. Who may not delete leaves it.
    await remove(calls, place, undefined).catch(() => undefined);
  }

  async function accepted(mode: PutMode): Promise<boolean> {
    const body = Buffer.from('Written to find out whether this server holds to conditions.\n');
    try {
      await put(calls, place, body, { mode, contentType: 'text/plain', ...options });
      return true;
    } catch (error) {
      if (failedWith(error, 'exists', 'changed')) return false;
      throw error;
    }
  }
}
