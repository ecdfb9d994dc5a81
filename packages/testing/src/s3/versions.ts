import type { StoredObject } from './stored-object.js';

/** `undefined` until it is set for the first time, and never again. */
type Versioning = 'Enabled' | 'Suspended' | undefined;

/** What a key had at some time. */
export interface Version {
  /** Of those from times without versioning, and while it is suspended: `null`. */
  readonly id: string;
  readonly modified: Date;
  /** `undefined`: this is a delete marker. */
  readonly object: StoredObject | undefined;
}

/**
 * The objects of a bucket, in all their versions. All that changes a key goes through here.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
 */
export interface Versions {
  versioning: Versioning;
  /** What a request is about that names no version; may be a delete marker. */
  newest(key: string): Version | undefined;
  find(key: string, id: string): Version | undefined;
  /** Keys that have an object now. */
  current(): ReadonlyMap<string, StoredObject>;
  /** Of each key, the newest first. */
  all(): ReadonlyMap<string, readonly Version[]>;
  put(key: string, object: StoredObject): Version;
  /** Gives the delete marker that it left, if it did. */
  remove(key: string): Version | undefined;
  /** Removes a version for good, and gives it. */
  removeVersion(key: string, id: string): Version | undefined;
}

/** The id of versions that are replaced by the next one without an id of its own. */
export const nullId = 'null';

/** @param newNumber Greater than all before, in all buckets, so that no id is good in two of them. */
export function versionsOf(newNumber: () => number): Versions {
  const versions = new Map<string, readonly Version[]>();
  const of = (key: string) => versions.get(key) ?? [];
  const without = (key: string, id: string) => of(key).filter((version) => version.id !== id);
  const add = (key: string, modified: Date, object: StoredObject | undefined) => {
    const id = store.versioning === 'Enabled' ? idOf(newNumber()) : nullId;
    const version = { id, modified, object };
    versions.set(key, [version, ...without(key, id)]);
    return version;
  };
  const store: Versions = {
    versioning: undefined,
    newest: (key) => of(key)[0],
    find: (key, id) => of(key).find((version) => version.id === id),
    current: () =>
      new Map(
        [...versions].flatMap(([key, [newest]]) => (newest?.object ? [[key, newest.object]] : [])),
      ),
    all: () => versions,
    put: (key, object) => add(key, object.modified, object),
    remove(key) {
      if (store.versioning !== undefined) return add(key, new Date(), undefined);
      versions.delete(key);
      return undefined;
    },
    removeVersion(key, id) {
      const removed = store.find(key, id);
      const left = without(key, id);
      if (left.length > 0) versions.set(key, left);
      else versions.delete(key);
      return removed;
    },
  };
  return store;
}

/** As long as S3's, and in the order of time, so that a listing goes on where a version was removed. */
function idOf(number: number): string {
  return String(number).padStart(32, '0');
}

/** Whether a text can be the id of a version at all. */
export function isVersionId(text: string): boolean {
  return text === nullId || /^[\w.-]{32}$/.test(text);
}

/** What an answer says of the version that it is about; nothing where versioning was never on. */
export function versionHeaders(
  { versioning }: Versions,
  version: Version,
): Readonly<Record<string, string>> {
  return versioning === undefined ? {} : { 'x-amz-version-id': version.id };
}

/** What an answer says of the version that it made; nothing where that got no id of its own. */
export function newVersionHeaders(version: Version): Readonly<Record<string, string>> {
  return version.id === nullId ? {} : { 'x-amz-version-id': version.id };
}
