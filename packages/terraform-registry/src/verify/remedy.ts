import type { Finding } from './findings.js';

/** What puts right what was found. */
export type Remedy = 'repair' | 'resign' | 'restore' | 'serve' | 'replace' | 'publish';

/** By where it was found: documents and sums are made again from records, zips and signatures are not. */
export function remedyOf({ where, what }: Pick<Finding, 'where' | 'what'>): Remedy {
  if (/^is served as |^https?:.*(?:is answered with|cannot be reached)/.test(what)) return 'serve';
  if (what.startsWith('does not list version')) return 'publish';
  if (where.endsWith('.sig') || what.startsWith('the key ')) return 'resign';
  if (!where.endsWith('.zip')) return 'repair';
  // What is in it was signed and released like that.
  return what.includes('in it') || what.includes('could be the provider') ? 'replace' : 'restore';
}

/** In words; the steps are those that `release:` has. */
export const remedies: Readonly<Record<Remedy, string>> = {
  repair: 'run tf-repair, which writes documents again from the records',
  resign: 'sign the version again with tf-resign',
  restore:
    'restore it with tf-repair --zips-from, from the other registry, the archives of the tag, or a folder',
  serve: 'correct how the object is served: its Content-Type, and 404 for what is absent',
  replace: 'publish under a new version, and yank this one with tf-yank',
  publish: 'check the version, or run tf-stage or tf-release for its tag',
};
