import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { stop } from 'esbuild';

import { bundleModules } from './bundle.js';
import { keep } from './keep.js';

/** @typedef {import('./locate.cjs').Programs} Programs */

/**
 * @param {Programs} programs
 * @param {import('./locate.cjs').Place} place
 * @param {string} name of the one to run
 * @returns {Promise<string>} a URL to import it from
 */
export async function makeBundle(programs, place, name) {
  try {
    const files = await bundleModules(programs, { splitting: true });
    if (await keep(files, place)) return pathToFileURL(join(place.folder, `${name}.mjs`)).href;
    const [program] = await bundleModules(only(name, programs), { splitting: false });
    if (program === undefined) throw new Error('esbuild wrote nothing');
    return `data:text/javascript;base64,${Buffer.from(program.contents).toString('base64')}`;
  } finally {
    // Its process would keep this one waiting.
    await stop();
  }
}

/**
 * @param {string} name
 * @param {Programs} programs
 * @returns {Programs}
 */
function only(name, programs) {
  return { ...programs, entryPoints: { [name]: programs.entryPoints[name] ?? name } };
}
