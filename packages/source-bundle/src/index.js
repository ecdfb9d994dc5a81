import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { locate } from './locate.js';

/**
 * Programs of a package, in TypeScript.
 *
 * @typedef {object} Programs
 * @property {string} packageRoot the package's folder, below the workspace's in `packages` or `tools`
 * @property {Readonly<Record<string, string>>} entryPoints of each program its source, relative to that folder
 * @property {readonly string[]} [external] packages that stay where they are installed: those that have state which
 *   others share, or that come with a program of their own
 */

/**
 * The JavaScript of a program. Node 20 runs no TypeScript, and a loader that compiles it takes several times as long
 * as most of what is run: all programs of a package are bundled once, with everything that they import, and found in
 * a cache after that, until a source or what is installed changes.
 *
 * @param {Programs} programs
 * @param {string} name of one of them
 * @returns {Promise<string>} a URL to import it from
 * @throws Error when something of it cannot be bundled, naming file and line
 */
export async function bundleOf(programs, name) {
  const place = locate(programs);
  if (place.isThere) return pathToFileURL(join(place.folder, `${name}.mjs`)).href;
  // What bundles takes its time to load.
  const { makeBundle } = await import('./make.js');
  return makeBundle(programs, place, name);
}
