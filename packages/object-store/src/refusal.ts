import { ObjectStoreError } from './error.js';
import type { ObjectInfo, PutMode, Version } from './store.js';

/** Throws `exists` or `changed` when a write in this mode may not touch what is there. */
export function checkMode(
  where: string,
  mode: PutMode,
  current: Pick<ObjectInfo, 'version'> | undefined,
): void {
  if (mode === 'overwrite') return;
  if (mode === 'create') {
    if (current !== undefined) throw alreadyExists(where);
  } else if (current?.version !== mode.replace) {
    throw hasChanged(where, mode.replace, current?.version);
  }
}

export function alreadyExists(where: string, options?: ErrorOptions): ObjectStoreError {
  return new ObjectStoreError(
    'exists',
    `${where}: there is an object already, which is not overwritten; choose another key, or compare the two`,
    options,
  );
}

export function hasChanged(
  where: string,
  expected: Version,
  found?: Version,
  options?: ErrorOptions,
): ObjectStoreError {
  const now = found === undefined ? 'it no longer is' : `it is ${found} now`;
  return new ObjectStoreError(
    'changed',
    `${where}: expected version ${expected}, and ${now}: somebody else wrote meanwhile; read it again`,
    options,
  );
}

export function sourceMissing(where: string): ObjectStoreError {
  return new ObjectStoreError(
    'not-found',
    `${where}: there is no such object to copy; check the key, or store it first`,
  );
}
