import { parseRepositoryName, type Digest } from '@teleport-plugins/oci';

import type { Answer } from './answer.js';
import { parseChunkRange } from './range.js';
import { parsed, Refusal } from './refusal.js';
import { digestIn, type Handler, type RegistryRequest } from './request.js';
import { uploadedRange, uploadUnknown, type Chunk } from './uploads.js';

/**
 * Begins an upload; with `digest` does the whole of it, with `mount` none at all where the blob is there.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs
 */
export const beginUpload: Handler = async ({ blobs, uploads }, request) => {
  const { repository, query } = request;
  const mount = query.get('mount');
  if (mount !== null) {
    const from = query.get('from') ?? undefined;
    if (from !== undefined) parsed(() => parseRepositoryName(from), 400, 'NAME_INVALID');
    const wanted = digestIn(mount);
    if (await blobs.mount(repository, wanted, from)) return created(repository, wanted);
  }
  const whole = query.get('digest');
  const digest = whole === null ? undefined : digestIn(whole);
  const id = await uploads.begin(repository);
  if (digest === undefined) return accepted(repository, id, 0);
  try {
    await uploads.finish(repository, id, digest, chunkOf(request));
  } catch (error) {
    await uploads.cancel(repository, id);
    throw error;
  }
  return created(repository, digest);
};

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks */
export const continueUpload: Handler = async ({ uploads }, request) => {
  const { repository, reference } = request;
  const size = await uploads.append(repository, reference, chunkOf(request));
  return accepted(repository, reference, size);
};

export const finishUpload: Handler = async ({ uploads }, request) => {
  const { repository, reference, query } = request;
  const digest = digestIn(query.get('digest') ?? '');
  await uploads.finish(repository, reference, digest, chunkOf(request));
  return created(repository, digest);
};

export const getUpload: Handler = async ({ uploads }, { repository, reference }) => {
  const size = await uploads.size(repository, reference);
  return { ...accepted(repository, reference, size), status: 204 };
};

export const cancelUpload: Handler = async ({ uploads }, { repository, reference }) => {
  if (!(await uploads.cancel(repository, reference))) throw uploadUnknown();
  return { status: 204 };
};

function chunkOf({ headers, body }: RegistryRequest): Chunk {
  const header = headers['content-range'];
  if (header === undefined) return { content: body };
  const range = parseChunkRange(header);
  if (range) return { content: body, range };
  throw new Refusal(
    400,
    'BLOB_UPLOAD_INVALID',
    'the Content-Range of a chunk is <first>-<last>, the numbers of its first and last byte',
  );
}

function accepted(repository: string, id: string, size: number): Answer {
  return {
    status: 202,
    headers: {
      location: `/v2/${repository}/blobs/uploads/${id}`,
      range: uploadedRange(size),
      'docker-upload-uuid': id,
    },
  };
}

function created(repository: string, digest: Digest): Answer {
  const location = `/v2/${repository}/blobs/${digest}`;
  return {
    status: 201,
    headers: { location, 'docker-content-digest': digest },
  };
}
