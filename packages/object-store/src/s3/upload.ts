import { randomUUID } from 'node:crypto';

import { checked } from '../body.js';
import { failedWith } from '../error.js';
import { checkMode } from '../refusal.js';
import type { PutOptions, StreamedBody, Version } from '../store.js';
import type { Calls } from './calls.js';
import { conditionOf, isConflict, writeConditionally, writeId } from './conditional.js';
import { head } from './head.js';
import { labelParameters } from './labels.js';
import { piecesOfSize, inWindow } from './parts.js';
import { target, writing, type Place } from './place.js';
import { retryBudget } from './retry.js';

/** A part that S3 has. */
interface UploadedPart {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
}

/** Sends the parts of an upload and returns them in order. */
export type SendParts = (uploadId: string, signal: AbortSignal) => Promise<readonly UploadedPart[]>;

/** Stores a large body in parts, a bounded number of which is in memory. */
export async function upload(
  calls: Calls,
  place: Place,
  content: StreamedBody,
  options: PutOptions,
): Promise<Version> {
  const { partSize, mostParts, concurrency } = calls.tuning;
  const size = Math.max(partSize, Math.ceil(content.size / mostParts));
  return uploadParts(calls, place, options, (UploadId, signal) => {
    const parts = piecesOfSize(checked(place.where, content, { signal }), size);
    return inWindow(parts, { concurrency, signal }, async (Body, at, stop) => {
      const part = { ...target(place), UploadId, PartNumber: at + 1, Body };
      const task = writing(place, { signal: stop });
      const { ETag } = await calls.call(task, (s3, o) => s3.uploadPart(part, o));
      return { PartNumber: at + 1, ETag };
    });
  });
}

/**
 * Makes an object of parts. It appears with the last request, which holds to the mode as the one request
 * for a small object does. For servers that ignore the condition of this request alone, asking before is all
 * that there is. An upload that fails is aborted: its parts cost as much as an object.
 */
export async function uploadParts(
  calls: Calls,
  place: Place,
  options: PutOptions,
  sendParts: SendParts,
): Promise<Version> {
  const budget = retryBudget(calls.tuning);
  for (;;) {
    await checkBefore(calls, place, options);
    try {
      return await uploadOnce(calls, place, options, sendParts);
    } catch (error) {
      // After a conflict S3 wants all parts again.
      if (!isConflict(error)) throw error;
      await budget.pause(error, options.signal);
    }
  }
}

/** Before a byte is sent for nothing. Who may not ask is told at the end. */
async function checkBefore(calls: Calls, place: Place, options: PutOptions): Promise<void> {
  const { mode } = options;
  if (mode === 'overwrite') return;
  try {
    checkMode(place.where, mode, (await head(calls, place, options))?.info);
  } catch (error) {
    if (!failedWith(error, 'denied')) throw error;
  }
}

async function uploadOnce(
  calls: Calls,
  place: Place,
  options: PutOptions,
  sendParts: SendParts,
): Promise<Version> {
  const { mode, signal } = options;
  const task = writing(place, options);
  const id = randomUUID();
  const created = await calls.call(task, (s3, o) =>
    s3.createMultipartUpload(
      { ...target(place), ...labelParameters(options), Metadata: { [writeId]: id } },
      o,
    ),
  );
  const UploadId = created.UploadId ?? '';
  try {
    const Parts = [...(await sendParts(UploadId, signal ?? new AbortController().signal))];
    const request = {
      ...target(place),
      ...conditionOf(mode),
      UploadId,
      MultipartUpload: { Parts },
    };
    return await writeConditionally(
      calls,
      place,
      {
        mode,
        id,
        repeatable: false,
        send: (t) => calls.once(t, (s3, o) => s3.completeMultipartUpload(request, o)),
      },
      options,
    );
  } catch (error) {
    // Also when the caller has aborted; what stays behind nevertheless is for the bucket's lifecycle rule.
    await calls
      .call({ ...task, signal: undefined }, (s3, o) =>
        s3.abortMultipartUpload({ ...target(place), UploadId }, o),
      )
      .catch(() => undefined);
    throw error;
  }
}
