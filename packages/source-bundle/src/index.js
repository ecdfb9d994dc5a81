import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { locate } from './locate.cjs';

/**
 * The JavaScript of a program. Node 20 runs no TypeScript, and a loader that compiles it takes several times as long
 * as most of what is run: all programs of a package are bundled once, with everything that they import, and found in
 * a cache after that, until a source or what is installed changes.
 *
 * @param {import('./locate.cjs').Programs} programs
 * @param {string} name of one of them
 * @returns {Promise<string>} a URL to import it from
 * @throws Error when something of it cannot be bundled, naming file and line
 */
export async function bundleOf(programs, name) {
  const place = locate(programs);
  if (place.isThere) return pathToFileURL(join(place.folder, `${name}.mjs`)).href;
  // What bundles takes its time to load.
  const { makeBundle } = await import('./make-bundle.js');
  return makeBundle(programs, place, name);
}
