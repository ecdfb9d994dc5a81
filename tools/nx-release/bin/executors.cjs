'use strict';

const { executors } = require('../executors.json');
const { load } = require('./programs.cjs');

/**
 * Of each executor its function, by the name that executors.json has for it.
 *
 * @type {Record<string, import('@nx/devkit').PromiseExecutor>}
 */
module.exports = Object.fromEntries(
  Object.keys(executors).map((name) => [
    name,
    async (options, context) => (await load(name)).default(options, context),
  ]),
);
