import type { BlobStore, Descriptor, OperationOptions } from '@teleport-plugins/oci';

import { downloadBlob } from './download.js';
import type { Place } from './place.js';
import { uploadsTo } from './upload.js';

/** The blobs of a repository in a registry. */
export interface RemoteBlobStore extends BlobStore {
  mount(blob: Descriptor, fromRepository: string, options?: OperationOptions): Promise<boolean>;
}

export function blobsAt(place: Place): RemoteBlobStore {
  const { exchange, path, scopes, urls } = place;

  const exists = async (blob: Descriptor, { signal }: OperationOptions = {}): Promise<boolean> => {
    const call = {
      act: `look for blob ${blob.digest} in ${path}`,
      method: 'HEAD',
      url: urls.blob(blob.digest),
      scopes: scopes.read,
      signal,
    } as const;
    return exchange.call(call, [200, ...unknown], (response) => {
      const length = response.header('content-length');
      return response.status === 200 && (length === undefined || length === String(blob.size));
    });
  };

  return {
    exists,
    fetch: (blob, options = {}) => downloadBlob(place, blob, options),
    ...uploadsTo(place, exists),
  };
}

/**
 * Absent, or not to be learned this way: ECR Public answers 401 to an anonymous HEAD, others do not allow
 * HEAD. Pushing the blob finds out.
 */
const unknown = [401, 403, 404, 405];
