import type { FileHandle } from 'node:fs/promises';

import type { Digest } from '@teleport-plugins/oci';

import type { Answer } from './answer.js';
import { parseRange } from './range.js';
import { Refusal } from './refusal.js';
import {
  contentHeaders,
  digestIn,
  matches,
  type Handler,
  type RegistryRequest,
} from './request.js';

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs */
export const getBlob: Handler = async (store, request) => {
  const digest = digestIn(request.reference);
  const handle = await store.blobs.open(request.repository, digest);
  if (!handle) throw blobUnknown(request, digest);
  try {
    const { size } = await handle.stat();
    const answer = blobAnswer(request, digest, size, handle);
    if (!answer.body) await handle.close();
    return answer;
  } catch (error) {
    await handle.close();
    throw error;
  }
};

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-blobs */
export const deleteBlob: Handler = async (store, request) => {
  const digest = digestIn(request.reference);
  if (!(await store.blobs.delete(request.repository, digest))) throw blobUnknown(request, digest);
  return { status: 202 };
};

/** The stream of an answer that has one closes the handle. */
function blobAnswer(
  { method, headers }: RegistryRequest,
  digest: Digest,
  size: number,
  handle: FileHandle,
): Answer {
  const common = {
    ...contentHeaders(digest, 'application/octet-stream'),
    'accept-ranges': 'bytes',
  };
  if (matches(headers['if-none-match'] ?? '', digest)) return { status: 304, headers: common };
  const condition = headers['if-range'];
  const wanted = method === 'GET' && (condition === undefined || condition === `"${digest}"`);
  const range = wanted ? parseRange(headers.range, size) : undefined;
  if (range === 'unsatisfiable') {
    throw new Refusal(
      416,
      'SIZE_INVALID',
      `the blob has ${size} bytes, none of them in the range`,
      {
        headers: { 'content-range': `bytes */${size}` },
      },
    );
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  if (size === 0) return { status: 200, headers: common };
  const stream = handle.createReadStream({ start, end, highWaterMark: pieceSize });
  const body = { length: end + 1 - start, stream };
  return range
    ? {
        status: 206,
        headers: { ...common, 'content-range': `bytes ${start}-${end}/${size}` },
        body,
      }
    : { status: 200, headers: common, body };
}

const pieceSize = 256 * 1024;

function blobUnknown({ repository }: RegistryRequest, digest: Digest): Refusal {
  return new Refusal(404, 'BLOB_UNKNOWN', `${repository} has no blob ${digest}`);
}
