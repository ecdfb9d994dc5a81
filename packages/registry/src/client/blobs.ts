import type { BlobStore, Descriptor, OperationOptions } from '@teleport-plugins/oci';

import { downloadBlob } from './download.js';
import type { Place } from './place.js';
import type { HttpResponse } from './response.js';
import { uploadsTo } from './upload.js';

/** The blobs of a repository in a registry. */
export interface RemoteBlobStore extends BlobStore {
  mount(blob: Descriptor, fromRepository: string, options?: OperationOptions): Promise<boolean>;
}

export function blobsAt(place: Place): RemoteBlobStore {
  const { exchange, path, scopes, urls } = place;

  const exists = async (blob: Descriptor, { signal }: OperationOptions = {}): Promise<boolean> => {
    const act = `look for blob ${blob.digest} in ${path}`;
    const call = { act, url: urls.blob(blob.digest), scopes: scopes.read, signal };
    const looked = await exchange.call(
      { ...call, method: 'HEAD' },
      [200, ...unknown],
      (response) => (isUnexplained(response) ? 'unexplained' : isThatBlob(response, blob)),
    );
    if (looked !== 'unexplained') return looked;
    const headers = { 'accept-encoding': 'identity', range: 'bytes=0-0' };
    return exchange.call({ ...call, method: 'GET', headers }, [200, 206, ...unknown], (response) =>
      isThatBlob(response, blob),
    );
  };

  return {
    exists,
    fetch: (blob, options = {}) => downloadBlob(place, blob, options),
    ...uploadsTo(place, exists),
  };
}

/**
 * Absent, or not to be learned this way: ECR Public answers 401 to an anonymous HEAD, others do not allow
 * HEAD; nothing has no first byte. Pushing the blob finds out.
 */
const unknown = [400, 401, 403, 404, 405, 416];

/**
 * Whether it may be that the token has run out: ECR says so with 403, ECR Public with 400, in a body, which
 * answers to HEAD do not have. The same with GET is told, and gets another token where that is what it is.
 */
function isUnexplained({ status, authorization }: HttpResponse): boolean {
  return authorization !== undefined && [400, 403].includes(status);
}

function isThatBlob(response: HttpResponse, { size }: Descriptor): boolean {
  if (response.status !== 200 && response.status !== 206) return false;
  const length =
    response.status === 206
      ? /^bytes \d+-\d+\/(\d+)$/.exec(response.header('content-range') ?? '')?.[1]
      : response.header('content-length');
  return length === undefined || length === String(size);
}
