import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { isDigest, splitDigest, type Digest } from '@teleport-plugins/oci';

/**
 * Where things are in the registry's folder. Names have passed the parsers of packages/oci before they
 * come here; components of a repository's name never begin with `_`.
 *
 *     registry.json                                    marks the folder and its format
 *     blobs/sha256/<hex>                               every blob, whichever repository has it
 *     repositories/<name>/_blobs/sha256/<hex>          a repository's blob: the same file by another name
 *     repositories/<name>/_manifests/sha256/<hex>      exact bytes
 *     repositories/<name>/_tags/<tag>                  the digest that the tag names
 *     repositories/<name>/_referrers/sha256/<hex of subject>/<digest>   empty; the manifest may be gone
 *     uploads/<repository>-<uuid>                      what has come of an upload so far
 *     uploads/<repository>-<uuid>.claimed              the same while one request writes to it
 *     temporary/<uuid>                                 a file that has no name yet
 */
export interface Paths {
  readonly root: string;
  readonly format: string;
  readonly repositories: string;
  readonly uploads: string;
  readonly temporary: string;
  sharedBlob(digest: Digest): string;
  blob(repository: string, digest: Digest): string;
  manifests(repository: string): string;
  manifest(repository: string, digest: Digest): string;
  tags(repository: string): string;
  tag(repository: string, tag: string): string;
  referrers(repository: string, subject: Digest): string;
  referrer(repository: string, subject: Digest, digest: Digest): string;
  upload(repository: string, id: string): string;
}

export function pathsIn(root: string): Paths {
  const repositories = join(root, 'repositories');
  const uploads = join(root, 'uploads');
  const within = (repository: string, ...names: readonly string[]) =>
    join(repositories, ...repository.split('/'), ...names);
  return {
    root,
    format: join(root, 'registry.json'),
    repositories,
    uploads,
    temporary: join(root, 'temporary'),
    sharedBlob: (digest) => join(root, 'blobs', ...names(digest)),
    blob: (repository, digest) => within(repository, '_blobs', ...names(digest)),
    manifests: (repository) => within(repository, '_manifests'),
    manifest: (repository, digest) => within(repository, '_manifests', ...names(digest)),
    tags: (repository) => within(repository, '_tags'),
    tag: (repository, tag) => within(repository, '_tags', tagFileName(tag)),
    referrers: (repository, subject) => within(repository, '_referrers', ...names(subject)),
    referrer: (repository, subject, digest) =>
      within(repository, '_referrers', ...names(subject), names(digest).join('-')),
    upload: (repository, id) => join(uploads, `${shortName(repository)}-${id}`),
  };
}

/**
 * Tags that differ only in case must not meet on a file system that ignores case: `RC1` is the file
 * `rc1+c`, its upper-case letters marked by the bits of a hexadecimal number, the first letter's highest.
 */
export function tagFileName(tag: string): string {
  const lower = tag.toLowerCase();
  if (lower === tag) return tag;
  const bits = Array.from(tag, (letter, at) => (letter === lower[at] ? '0' : '1')).join('');
  return `${lower}+${BigInt(`0b${bits}`).toString(16)}`;
}

/** The tag of a file; `undefined` when a tag's file is not named so. */
export function tagOfFileName(name: string): string | undefined {
  const [lower = '', mask] = name.split('+');
  const bits = BigInt(/^[0-9a-f]+$/.test(mask ?? '') ? `0x${mask ?? ''}` : 0)
    .toString(2)
    .padStart(lower.length, '0');
  const tag = Array.from(lower, (letter, at) =>
    bits[at] === '1' ? letter.toUpperCase() : letter,
  ).join('');
  return tagFileName(tag) === name ? tag : undefined;
}

/** The digest of a file that `referrer` names; `undefined` when it is none. */
export function digestOfFileName(name: string): Digest | undefined {
  const digest = name.replace('-', ':');
  return isDigest(digest) ? digest : undefined;
}

function names(digest: Digest): readonly [string, string] {
  const { algorithm, hex } = splitDigest(digest);
  return [algorithm, hex];
}

/** Ties an upload to its repository: a name may be longer than a file's name, and holds slashes. */
function shortName(repository: string): string {
  return createHash('sha256').update(repository).digest('hex').slice(0, 16);
}
