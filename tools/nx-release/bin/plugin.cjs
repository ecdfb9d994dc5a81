'use strict';

const { load } = require('./programs.cjs');

/**
 * The files that targets are inferred from: Nx does that again when one of them changes.
 */
const pattern =
  '{packages/plugins/*/release.json,release.config.json,{packages,tools}/**/package.json}';

exports.createNodes = [
  pattern,
  /** @type {import('@nx/devkit').CreateNodesFunction} */
  async (...args) => (await load('plugin')).createNodes(...args),
];

exports.createNodesV2 = exports.createNodes;

/** @type {import('@nx/devkit').PreTasksExecution} */
exports.preTasksExecution = async (...args) => (await load('plugin')).preTasksExecution(...args);
