'use strict';

const { evaluate, keepCompiled } = require('./evaluate.cjs');

/** The process of a rehearsal: `rehearse.cjs FILE ARGUMENTS` runs a script, and keeps what V8 has compiled of it. */
const [, , file = '', ...args] = process.argv;
process.argv = [process.execPath, file, ...args];
const script = evaluate(file);
process.once('exit', () => keepCompiled(file, script.createCachedData()));
