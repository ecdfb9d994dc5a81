import { randomUUID } from 'node:crypto';

import { failedWith } from '../error.js';
import type { OperationOptions, PutMode, Version } from '../store.js';
import type { Calls } from './calls.js';
import { placeOf } from './place.js';
import { put } from './put.js';
import { remove } from './remove.js';
import { answeredWith } from './sdk-error.js';

/** Whether the server looks at both conditions, tried with an object of a throwaway key. */
export async function probe(
  calls: Calls,
  bucket: string,
  prefix: string,
  options: OperationOptions | undefined,
): Promise<boolean> {
  const key = `.conditional-write-probe/${randomUUID()}`;
  const place = placeOf(bucket, prefix === '' ? key : `${prefix}/${key}`);
  try {
    if (!(await accepted('create'))) return false;
    const another = '"00000000000000000000000000000000"' as Version;
    return !(await accepted('create')) && !(await accepted({ replace: another }));
  } catch (error) {
    if (answeredWith(error, 'NotImplemented')) return false;
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
