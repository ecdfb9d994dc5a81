import type { Repository } from '@teleport-plugins/oci';

import { blobsAt, type RemoteBlobStore } from './blobs.js';
import { manifestsAt } from './manifests.js';
import type { Place } from './place.js';

/** A repository in a registry. */
export interface RemoteRepository extends Repository {
  readonly blobs: RemoteBlobStore;
}

export function repositoryAt(place: Place): RemoteRepository {
  return { name: place.name, blobs: blobsAt(place), manifests: manifestsAt(place) };
}
