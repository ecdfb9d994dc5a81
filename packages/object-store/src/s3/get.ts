import { failedWith } from '../error.js';
import { hasChanged } from '../refusal.js';
import type { ObjectInfo, OperationOptions, StoredObject } from '../store.js';
import { readAhead, storedObject } from '../stored-object.js';
import type { Calls } from './calls.js';
import { breaking, cutShort, firstBytes, skipping, type Body } from './download.js';
import { infoOf } from './head.js';
import { reading, target, versionOf, type Place } from './place.js';
import { retryBudget } from './retry.js';
import { answeredWith } from './sdk-error.js';

/** An object, with its first bytes at hand; `undefined` when it is absent. */
export async function get(
  calls: Calls,
  place: Place,
  options?: OperationOptions,
): Promise<StoredObject | undefined> {
  try {
    return await begun(calls, place, `bytes=0-${readAhead - 1}`, options).catch(
      (error: unknown) => {
        // No range can be had of an empty object.
        if (answeredWith(error, 'InvalidRange')) return begun(calls, place, undefined, options);
        throw error;
      },
    );
  } catch (error) {
    if (failedWith(error, 'not-found')) return undefined;
    throw error;
  }
}

async function begun(
  calls: Calls,
  place: Place,
  Range: string | undefined,
  options: OperationOptions | undefined,
): Promise<StoredObject> {
  // In one piece of work with its bytes: an answer that breaks off is asked for again.
  const { info, beginning } = await calls.call(reading(place, options), async (s3, o) => {
    const output = await s3.getObject({ ...target(place), Range }, o);
    const total = /\/(\d+)$/.exec(output.ContentRange ?? '')?.[1];
    const found = infoOf(place, output, Number(total ?? output.ContentLength ?? 0));
    const length = Math.min(readAhead, found.size);
    const bytes = await firstBytes(output.Body as Body, length);
    if (bytes.byteLength < length) throw cutShort();
    return { info: found, beginning: bytes };
  });
  return opened(calls, place, info, beginning);
}

function opened(calls: Calls, place: Place, info: ObjectInfo, beginning: Uint8Array): StoredObject {
  return storedObject(place.where, info, beginning, (from, options) =>
    rest(calls, place, info, from, options),
  );
}

/** Reads on from a position, in as many requests as breaking connections make it. */
async function* rest(
  calls: Calls,
  place: Place,
  { size, version }: ObjectInfo,
  from: number,
  options: OperationOptions | undefined,
): AsyncIterable<Uint8Array> {
  const task = reading(place, options);
  const budget = retryBudget(calls.tuning);
  for (let at = from; at < size;) {
    const request = { ...target(place), Range: `bytes=${at}-`, IfMatch: version };
    try {
      const output = await calls.once(task, (s3, o) => s3.getObject(request, o));
      const body = output.Body as Body;
      const found = versionOf(place, output.ETag);
      // Some servers do not look at the condition, and some not at the range.
      if (found !== version) {
        body.destroy();
        throw hasChanged(place.where, version, found);
      }
      const unwanted = output.ContentRange === undefined ? at : 0;
      for await (const piece of breaking(skipping(body, unwanted), (e) => calls.explain(e, task))) {
        at += piece.byteLength;
        budget.renew();
        yield piece;
      }
      if (at < size) throw calls.explain(cutShort(), task);
    } catch (error) {
      if (failedWith(error, 'not-found', 'changed')) throw hasChanged(place.where, version);
      await budget.pause(error, options?.signal);
    }
  }
}
