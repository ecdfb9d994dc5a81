import { parse, TomlError, type TomlTable } from 'smol-toml';

import { PluginError } from '../error.js';

/** The way to a value: `['smtp', 'host']`. */
export type KeyPath = readonly string[];

/** A configuration file that is TOML, with what error messages need. */
export interface ConfigDocument {
  /** The path as the user gave it. */
  readonly file: string;
  readonly root: TomlTable;
  /** The line, from 1, on which the key or the table at this path starts; 1 when there is none. */
  readonly lineOf: (path: KeyPath) => number;
}

/** @throws PluginError config-invalid, with file, line and column, when the text is not TOML. */
export function parseDocument(file: string, text: string): ConfigDocument {
  try {
    return { file, root: parse(text), lineOf: (path) => findLine(text, path) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The rest of the message quotes the lines around, which may hold what is not to be printed.
    const [what = ''] = error.message.split('\n');
    const where = `${file}:${error.line}:${error.column}`;
    throw new PluginError('config-invalid', `${where}: ${what}`, { cause: error });
  }
}

/**
 * The parser keeps no positions, so they are found with it: the first lines of a document are a
 * document again wherever no value is open. The value at `path` starts right behind the longest
 * such beginning that does not have it yet. Only run when there is an error to report.
 */
function findLine(text: string, path: KeyPath): number {
  const lines = text.split('\n');
  let start = 1;
  for (let count = 1; count <= lines.length; count += 1) {
    const beginning = parseOrUndefined(lines.slice(0, count).join('\n'));
    if (beginning === undefined) continue;
    if (has(beginning, path)) return start;
    start = count + 1;
  }
  return path.length > 1 ? findLine(text, path.slice(0, -1)) : 1;
}

function parseOrUndefined(text: string): TomlTable | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function has(table: TomlTable, path: KeyPath): boolean {
  let value: unknown = table;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return true;
}
