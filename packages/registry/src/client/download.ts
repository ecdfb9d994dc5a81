import {
  verified,
  type Content,
  type Descriptor,
  type OperationOptions,
} from '@teleport-plugins/oci';

import { refusal } from './answer.js';
import type { Place } from './place.js';
import { retryBudget } from './retry.js';
import { failed } from './task.js';

/**
 * The bytes of a blob, verified. A connection that breaks on the way is opened again, and the blob read on
 * from where it was (or, where the registry ignores that, read again up to there).
 */
export function downloadBlob(place: Place, blob: Descriptor, options: OperationOptions): Content {
  return verified(blobFrom(place, blob, options), blob, { from: place.name });
}

/** How far a download must get before it has all its repetitions again: a trickle does not count. */
const progress = 1024 * 1024;

async function* blobFrom(place: Place, blob: Descriptor, { signal }: OperationOptions): Content {
  const budget = retryBudget(place.exchange.retry);
  let received = 0;
  for (let renewed = 0; ;) {
    try {
      for await (const piece of blobFromOffset(place, blob, received, signal)) {
        received += piece.byteLength;
        yield piece;
        if (received - renewed >= progress) {
          renewed = received;
          budget.renew();
        }
      }
      return;
    } catch (error) {
      // The connection broke behind the last byte.
      if (received === blob.size && received > 0) return;
      await budget.pause(error, signal);
    }
  }
}

async function* blobFromOffset(
  { exchange, name, path, scopes, urls }: Place,
  blob: Descriptor,
  offset: number,
  signal: AbortSignal | undefined,
): Content {
  const act = `read blob ${blob.digest} of ${path}`;
  const task = exchange.taskOf({ act });
  const range: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
  const response = await exchange.open({
    act,
    method: 'GET',
    url: urls.blob(blob.digest),
    scopes: scopes.read,
    headers: { 'accept-encoding': 'identity', ...range },
    isDownload: true,
    signal,
  });
  try {
    const { status } = response;
    if (status === 404) throw await refusal(task, response, { code: 'not-found' });
    if (status !== 200 && status !== 206) throw await refusal(task, response);
    let skip = status === 200 ? offset : 0;
    if (status === 206 && rangeStart(response.header('content-range')) !== offset) {
      throw failed(
        'garbage',
        task,
        response.url,
        `answered with another part of the blob than asked for`,
      );
    }
    let received = offset - skip;
    for await (const piece of response.body) {
      received += piece.byteLength;
      const wanted = piece.subarray(Math.min(skip, piece.byteLength));
      skip -= piece.byteLength - wanted.byteLength;
      if (wanted.byteLength > 0) yield wanted;
    }
    if (received < blob.size && response.header('content-length') === undefined) {
      // Without a length, this is how a broken connection looks.
      const what = `ended after ${received} of the ${blob.size} bytes of ${name}@${blob.digest}`;
      throw failed('unreachable', task, response.url, what, 'try again', { transient: true });
    }
  } finally {
    await response.discard();
  }
}

function rangeStart(contentRange: string | undefined): number | undefined {
  const start = /^bytes (\d{1,15})-/.exec(contentRange ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}
