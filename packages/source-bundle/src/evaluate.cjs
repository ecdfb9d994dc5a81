'use strict';

const { readFileSync } = require('node:fs');
const { wrap } = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

/**
 * Evaluates a file of CommonJS that imports nothing but what is built into Node, with what V8 has compiled of it before, if
 * that is beside it.
 *
 * @param {string} file
 * @param {string} [contents] where nothing could be kept
 * @returns {import('node:vm').Script}
 */
exports.evaluate = (file, contents) => {
  const cachedData = contents === undefined ? compiled(file) : undefined;
  const script = new Script(wrap(contents ?? readFileSync(file, 'utf8')), {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  return script;
};

/** @param {string} file */
exports.compiledFile = (file) => `${file}.v8`;

/**
 * V8 takes nothing that is of another version of it, or damaged.
 *
 * @param {string} file
 */
function compiled(file) {
  try {
    return readFileSync(exports.compiledFile(file));
  } catch {
    return undefined;
  }
}
