import type { IncomingHttpHeaders } from 'node:http';

import { checkReadConditions } from './conditions.js';
import { copySourceOf, type ObjectPlace } from './copy-source.js';
import { noSuchKey, S3Fault } from './fault.js';
import type { S3Call } from './routes.js';
import { bucketNamed } from './state.js';
import type { StoredObject } from './stored-object.js';
import { isVersionId, versionHeaders, type Version } from './versions.js';
import type { S3World } from './world.js';

/** An object that was asked for. */
export interface Found {
  readonly object: StoredObject;
  /** `x-amz-version-id`, where there are versions. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The object under a key, or the one that it had in a version. Throws what S3 says where there is none;
 * `markerNamed` is for a version that is a delete marker.
 */
export function objectAt(
  world: S3World,
  { bucket, key, versionId }: ObjectPlace,
  markerNamed = isMarker,
): Found {
  const { objects } = bucketNamed(world.buckets, bucket);
  const { mayList = true } = world.options;
  if (versionId !== undefined) checkVersionId(versionId);
  const version = versionId === undefined ? objects.newest(key) : objects.find(key, versionId);
  if (version === undefined) {
    throw versionId === undefined ? noSuchKey(mayList) : noSuchVersion(mayList);
  }
  const headers = versionHeaders(objects, version);
  const { object } = version;
  if (object !== undefined) return { object, headers };
  const marked = { ...headers, 'x-amz-delete-marker': 'true' };
  throw versionId === undefined ? noSuchKey(mayList, marked) : markerNamed(version, marked);
}

/** What a request asks for. */
export function placeOf({ bucket, key, query }: S3Call): ObjectPlace {
  return { bucket, key, versionId: query.get('versionId') ?? undefined };
}

/** The object that a copy is of. */
export function copySource(world: S3World, headers: IncomingHttpHeaders): Found {
  const { object, headers: version } = objectAt(world, copySourceOf(headers), copiesMarker);
  const ifMatch = headers['x-amz-copy-source-if-match'];
  checkReadConditions({ 'if-match': ifMatch as string }, object);
  const id = version['x-amz-version-id'];
  return { object, headers: id === undefined ? {} : { 'x-amz-copy-source-version-id': id } };
}

/** Throws for what is not even the form of one. */
export function checkVersionId(text: string): void {
  if (!isVersionId(text)) throw new S3Fault(400, 'InvalidArgument', 'Invalid version id specified');
}

function copiesMarker(): S3Fault {
  return new S3Fault(
    400,
    'InvalidRequest',
    'The source of a copy request may not specifically refer to a delete marker by version id.',
  );
}

function noSuchVersion(mayList: boolean): S3Fault {
  return mayList
    ? new S3Fault(404, 'NoSuchVersion', 'The specified version does not exist.')
    : noSuchKey(false);
}

function isMarker({ modified }: Version, headers: Readonly<Record<string, string>>): S3Fault {
  return new S3Fault(
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    { ...headers, allow: 'DELETE', 'last-modified': modified.toUTCString() },
  );
}
