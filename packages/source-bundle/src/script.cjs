'use strict';

const { join } = require('node:path');

const { evaluate } = require('./evaluate.cjs');
const { locate } = require('./locate.cjs');

/**
 * A program of a package, which is to start at once.
 *
 * @typedef {object} Script
 * @property {string} packageRoot the package's folder, below the workspace's in `packages` or `tools`
 * @property {string} source relative to that folder; it awaits nothing at its top level
 * @property {Rehearsal} rehearsal
 */

/**
 * A run of the program that does what most runs do: what is called in it is compiled beforehand from then on. It is given
 * nothing of the environment but the PATH.
 *
 * @typedef {object} Rehearsal
 * @property {readonly string[]} args
 * @property {string} input
 */

/**
 * Runs a program, in this process, as `bundleOf` has others be imported: bundled once for each state of its sources. But
 * as CommonJS, which Node starts sooner than ES modules, by some twenty milliseconds, and with what V8 has compiled of it
 * before.
 *
 * @param {Script} script
 * @returns {Promise<void>} once its source has been evaluated
 * @throws Error when something of it cannot be bundled, naming file and line; and what its source throws
 */
exports.runScript = async (script) => {
  const { packageRoot, source } = script;
  const place = locate({ packageRoot, entryPoints: { script: source } });
  if (place.isThere) {
    evaluate(join(place.folder, 'script.cjs'));
  } else {
    // What bundles takes its time to load.
    const { makeScript } = await import('./make-script.js');
    const { file, contents } = await makeScript(script, place);
    evaluate(file, contents);
  }
};
