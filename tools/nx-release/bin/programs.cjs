'use strict';

/**
 * The sources of this package are TypeScript, and Nx loads plugins and executors with `require`: what it gets are
 * functions that load their bundle when they are called.
 */

const { join } = require('node:path');

const { executors } = require('../executors.json');

const packageRoot = join(__dirname, '..');

const programs = {
  packageRoot,
  entryPoints: {
    plugin: 'src/index.ts',
    ...Object.fromEntries(
      Object.keys(executors).map((name) => [name, `src/executors/${name}/executor.ts`]),
    ),
  },
  // Nx's own state is in the first; the other one starts a program that is beside it.
  external: ['@nx/devkit', 'esbuild'],
};

/**
 * @param {string} name
 * @returns {Promise<any>} what the source exports
 */
exports.load = async (name) => {
  const { bundleOf } = await import('@teleport-plugins/source-bundle');
  return import(await bundleOf(programs, name));
};
