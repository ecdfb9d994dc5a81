import type { Descriptor } from './descriptor.js';
import type { Digest } from './digest.js';
import { OciError } from './error.js';

/** Throws `tag-exists` when an exclusive write would move the tag. */
export function refuseMove(
  repository: string,
  tag: string,
  digests: { readonly current: Digest; readonly wanted: Digest },
): void {
  if (digests.current === digests.wanted) return;
  throw new OciError(
    'tag-exists',
    `${repository}:${tag} is ${digests.current} and is not moved to ${digests.wanted}; choose another tag`,
  );
}

export function manifestNotFound(repository: string, { digest }: Descriptor): OciError {
  return new OciError('not-found', `${repository}@${digest}: no such manifest; push it first`);
}

export function blobNotFound(repository: string, { digest }: Descriptor): OciError {
  return new OciError('not-found', `${repository}@${digest}: no such blob; push it first`);
}
