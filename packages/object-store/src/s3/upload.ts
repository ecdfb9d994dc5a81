import { randomUUID } from 'node:crypto';

import { checked } from '../body.js';
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
 * Makes an object of parts. It appears with the last request, which holds to the mode as well as that of a small
 * object does; S3 servers that look at conditions there only in part are caught as far as
 * asking before can. An upload that fails is aborted, for its parts cost as much as an object.
 */
export async function uploadParts(
  calls: Calls,
  place: Place,
  options: PutOptions,
  sendParts: SendParts,
): Promise<Version> {
  const budget = retryBudget(calls.tuning);
  for (;;) {
    // Before a byte is sent for nothing.
    if (options.mode !== 'overwrite') {
      checkMode(place.where, options.mode, (await head(calls, place, options))?.info);
    }
    try {
      return await uploadOnce(calls, place, options, sendParts);
    } catch (error) {
      // After a conflict S3 wants all parts again.
      if (!isConflict(error)) throw error;
      await budget.pause(error, options.signal);
    }
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
