import { elements, unescaped, type Tree } from '../xml.js';
import { accessDenied, S3Fault } from './fault.js';
import { checkVersionId, placeOf } from './lookup.js';
import { deletionAction } from './rights.js';
import type { S3Call } from './routes.js';
import { bucketNamed } from './state.js';
import type { Versions } from './versions.js';
import type { Answer, S3World } from './world.js';
import { xml } from './xml.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export function deleteObject(world: S3World, call: S3Call): Answer {
  const { bucket, key, versionId } = placeOf(call);
  const { objects } = bucketNamed(world.buckets, bucket);
  const { id, isMarker } = deleted(objects, key, versionId);
  return {
    status: 204,
    headers: {
      ...(id !== undefined && { 'x-amz-version-id': id }),
      ...(isMarker && { 'x-amz-delete-marker': 'true' }),
    },
  };
}

/**
 * Each of them for itself: one that may not be removed keeps none of the others from it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 */
export function deleteObjects(world: S3World, call: S3Call, body: readonly Uint8Array[]): Answer {
  const { objects } = bucketNamed(world.buckets, call.bucket);
  const Deleted: Tree[] = [];
  const errors: Tree[] = [];
  for (const element of elements(Buffer.concat(body).toString(), 'Object')) {
    const Key = unescaped(elements(element, 'Key')[0] ?? '');
    const VersionId = elements(element, 'VersionId').map(unescaped)[0];
    try {
      if (!world.allows(deletionAction(VersionId), call.bucket, Key)) throw accessDenied();
      const { id, isMarker } = deleted(objects, Key, VersionId);
      const marker = isMarker ? { DeleteMarker: true, DeleteMarkerVersionId: id } : {};
      Deleted.push({ Key, VersionId, ...marker });
    } catch (error) {
      if (!(error instanceof S3Fault)) throw error;
      errors.push({ Key, VersionId, Code: error.code, Message: error.message });
    }
  }
  return { body: xml('DeleteResult', { Deleted, Error: errors }) };
}

/** The version that was removed or, without one, the delete marker that was left. */
function deleted(
  objects: Versions,
  key: string,
  versionId: string | undefined,
): { readonly id: string | undefined; readonly isMarker: boolean } {
  if (versionId === undefined) {
    const marker = objects.remove(key);
    return { id: marker?.id, isMarker: marker !== undefined };
  }
  checkVersionId(versionId);
  const removed = objects.removeVersion(key, versionId);
  return { id: versionId, isMarker: removed !== undefined && removed.object === undefined };
}
