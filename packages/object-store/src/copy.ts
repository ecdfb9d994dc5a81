import { sourceMissing } from './refusal.js';
import type { CopyOptions, ObjectStore, Version } from './store.js';

/** What to copy. */
export interface Source {
  readonly store: ObjectStore;
  readonly key: string;
}

/**
 * Copies through this process. The source's version is held to: bytes of two versions are never
 * mixed, and what is stored has the size, and the sha256 if one is given, that it was said to have.
 */
export async function copyThrough(
  from: Source,
  to: ObjectStore,
  key: string,
  options: CopyOptions,
): Promise<Version> {
  const { mode, signal, sha256 } = options;
  const reading = signal && { signal };
  const source = await from.store.get(from.key, reading);
  if (source === undefined) throw sourceMissing(`${from.store.name}/${from.key}`);
  const body = { size: source.size, open: () => source.content(reading) };
  return to.put(key, sha256 === undefined ? body : { ...body, sha256 }, {
    mode,
    ...labelsOfCopy(source, options),
    ...reading,
  });
}

/** What a copy is labelled with: what the caller says, else what the source has. */
export function labelsOfCopy(
  source: { readonly contentType?: string; readonly cacheControl?: string },
  options: CopyOptions,
): { readonly contentType: string; readonly cacheControl?: string } {
  const cacheControl = options.cacheControl ?? source.cacheControl;
  return {
    contentType: options.contentType ?? source.contentType ?? 'application/octet-stream',
    ...(cacheControl !== undefined && { cacheControl }),
  };
}
