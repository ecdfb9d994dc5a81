'use strict';

const { readFileSync, writeFileSync } = require('node:fs');
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
  const source = contents ?? readFileSync(file, 'utf8');
  // What is cut off could be a program, too, and succeed without having done anything.
  if (!source.trimEnd().endsWith(exports.end)) throw new Error(`${file}: is cut off`);
  const script = new Script(wrap(source), {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  return script;
};

/** What every such file ends with. */
exports.end = '// the end';

/**
 * Keeps what V8 has compiled of a file beside it: twice. V8 takes nothing that is of another version of it, or cut short, but
 * what was damaged otherwise it runs, and crashes. To compare two of them takes less time than any hash function.
 *
 * @param {string} file
 * @param {Buffer} data
 */
exports.keepCompiled = (file, data) => {
  writeFileSync(compiledFile(file), Buffer.concat([data, data]));
};

/** @param {string} file */
function compiled(file) {
  try {
    const both = readFileSync(compiledFile(file));
    const half = both.length >>> 1;
    const data = both.subarray(0, half);
    return data.equals(both.subarray(half)) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} file */
function compiledFile(file) {
  return `${file}.v8`;
}
