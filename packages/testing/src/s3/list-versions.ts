import type { Tree } from '../xml.js';
import { S3Fault } from './fault.js';
import { contentsOf } from './labels.js';
import { compareKeys, entriesOf, pageLimit, writtenIn } from './listing.js';
import { checkVersionId } from './lookup.js';
import type { S3Call } from './routes.js';
import { bucketNamed } from './state.js';
import { nullId, type Version } from './versions.js';
import type { Answer, S3World } from './world.js';
import { xml } from './xml.js';

/** A line of the listing: a version of a key, or without one what several keys share. */
interface Row {
  readonly name: string;
  readonly version?: Version;
  readonly isLatest?: boolean;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export function listVersions(world: S3World, call: S3Call): Answer {
  const { bucket, query } = call;
  const { objects } = bucketNamed(world.buckets, bucket);
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  const marker = markerIn(call);
  const limit = pageLimit(world, call);
  const written = writtenIn(call);

  const rows = entriesOf(objects.all(), prefix, delimiter).flatMap(([name, versions]) =>
    rowsAfter(marker, name, versions),
  );
  const page = rows.slice(0, limit);
  const last = page.length < rows.length ? page.at(-1) : undefined;
  return {
    body: xml('ListVersionsResult', {
      Name: bucket,
      Prefix: written(prefix),
      Delimiter: delimiter === '' ? undefined : written(delimiter),
      KeyMarker: written(marker.key),
      VersionIdMarker: marker.versionId ?? '',
      NextKeyMarker: last && written(last.name),
      NextVersionIdMarker: last?.version?.id,
      MaxKeys: limit,
      EncodingType: query.get('encoding-type') ?? undefined,
      IsTruncated: page.length < rows.length,
      // S3 mixes the two, and clients tell them apart.
      Version: page.flatMap((row) => versionTree(row, written(row.name))),
      DeleteMarker: page.flatMap((row) => markerTree(row, written(row.name))),
      CommonPrefixes: page.flatMap(({ name, version }) =>
        version === undefined ? [{ Prefix: written(name) }] : [],
      ),
    }),
  };
}

/** The last row of the page before. */
interface Marker {
  readonly key: string;
  readonly versionId: string | undefined;
}

function markerIn({ query }: S3Call): Marker {
  const versionId = query.get('version-id-marker') ?? undefined;
  if (versionId !== undefined) {
    if (!query.has('key-marker')) {
      throw new S3Fault(
        400,
        'InvalidArgument',
        'A version-id marker cannot be specified without a key marker.',
      );
    }
    checkVersionId(versionId);
  }
  return { key: query.get('key-marker') ?? '', versionId };
}

function rowsAfter(
  marker: Marker,
  name: string,
  versions: readonly Version[] | undefined,
): readonly Row[] {
  const order = compareKeys(name, marker.key);
  if (order < 0 || (order === 0 && marker.versionId === undefined)) return [];
  if (versions === undefined) return order === 0 ? [] : [{ name }];
  const left = order === 0 ? versionsAfter(String(marker.versionId), versions) : versions;
  return left.map((version) => ({ name, version, isLatest: version === versions[0] }));
}

function versionsAfter(id: string, versions: readonly Version[]): readonly Version[] {
  const at = versions.findIndex((version) => version.id === id);
  if (at !== -1) return versions.slice(at + 1);
  // It was removed since. One without an id of its own may be named twice rather than never.
  return versions.filter((version) => version.id === nullId || version.id < id);
}

function versionTree(row: Row, Key: string): readonly Tree[] {
  const object = row.version?.object;
  return object === undefined ? [] : [{ ...contentsOf(Key, object), ...standingOf(row) }];
}

function markerTree(row: Row, Key: string): readonly Tree[] {
  if (row.version === undefined || row.version.object !== undefined) return [];
  return [{ Key, LastModified: row.version.modified.toISOString(), ...standingOf(row) }];
}

function standingOf({ version, isLatest }: Row): Tree {
  return { VersionId: version?.id, IsLatest: isLatest };
}
