import fc from 'fast-check';

import { isVersion, parseVersion } from '../version.js';

const number = fc.oneof(fc.nat({ max: 3 }), fc.nat());

/** Versions of releases, often near to each other. */
export const releaseVersions = fc
  .tuple(number, number, number)
  .map((numbers) => parseVersion(numbers.join('.'), 'test'));

/** Any versions. */
export const versions = fc
  .tuple(
    releaseVersions,
    fc.option(fc.stringMatching(/^[0-9a-zA-Z-]{1,6}(?:\.[0-9a-z-]{1,3}){0,2}$/)),
  )
  .map(([release, prerelease]) => (prerelease === null ? release : `${release}-${prerelease}`))
  .filter((text) => isVersion(text));
