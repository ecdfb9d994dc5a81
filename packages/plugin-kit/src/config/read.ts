import type { TomlTable } from 'smol-toml';

import { PluginError } from '../error.js';
import type { ConfigDocument, KeyPath } from './document.js';
import { describe, type Field, type Values } from './fields.js';
import { suggestion } from './suggestion.js';
import type { ValueType } from './types.js';

/** Notes a problem of a table's values together, at one of its keys or at the table. */
export type Report = (key: string | undefined, message: string) => void;

/** One top-level table of a configuration file. */
export interface Table<T> {
  /** The keys it takes, if not any. */
  readonly keys: readonly string[];
  readonly read: (reading: Reading, name: string, value: TomlTable | undefined) => T;
}

interface Reading {
  readonly document: ConfigDocument;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly problem: (path: KeyPath, message: string) => void;
}

/** What a record of tables becomes. */
export type Settings<Tables> = {
  readonly [Name in keyof Tables]: Tables[Name] extends Table<infer T> ? T : never;
};

/**
 * A table with fixed keys: the fields' names in snake case. `check` sees the values together, when
 * each of them is right.
 */
export function table<Fields extends Readonly<Record<string, Field<unknown>>>>(
  fields: Fields,
  check?: (values: Values<Fields>, report: Report) => void,
): Table<Values<Fields>> {
  const keys = Object.entries(fields).flatMap(([field, each]) => each.keys(snakeCase(field)));
  return {
    keys,
    read: ({ document, env, problem }, name, found = {}) => {
      const problems: string[] = [];
      const report: Report = (key, message) => {
        problems.push(message);
        problem(key === undefined ? [name] : [name, key], message);
      };
      const source = {
        file: document.file,
        env,
        value: (key: string) => (Object.hasOwn(found, key) ? found[key] : undefined),
        problem: report,
      };
      for (const key of Object.keys(found)) {
        if (!keys.includes(key)) report(key, unknownKey(key, keys));
      }
      const values = Object.fromEntries(
        Object.entries(fields).map(([field, each]) => [field, each.read(source, snakeCase(field))]),
      );
      if (problems.length === 0) check?.(values as Values<Fields>, report);
      return values as Values<Fields>;
    },
  };
}

/** A table with keys of the user's choice, each with a value of the same type. */
export function tableOf<T>(
  type: ValueType<T>,
  check?: (values: ReadonlyMap<string, T>, report: Report) => void,
): Table<ReadonlyMap<string, T>> {
  return {
    keys: [],
    read: ({ problem }, name, found = {}) => {
      const values = new Map<string, T>();
      for (const [key, value] of Object.entries(found)) {
        const parsed = type.parse(value);
        if (parsed !== undefined) values.set(key, parsed);
        else problem([name, key], `expected ${type.expected}, found ${describe(value)}`);
      }
      check?.(values, (key, message) => problem(key === undefined ? [name] : [name, key], message));
      return values;
    },
  };
}

/**
 * Reads a whole configuration file into typed settings.
 *
 * @throws PluginError config-invalid with every problem on a line of its own, as
 * `file:line: [table] key: expected …, found …`. An unknown key is a problem.
 */
export function readConfig<Tables extends Readonly<Record<string, Table<unknown>>>>(
  document: ConfigDocument,
  tables: Tables,
  env: Readonly<Record<string, string | undefined>>,
): Settings<Tables> {
  const problems: { readonly line: number; readonly text: string }[] = [];
  const problem = (path: KeyPath, message: string): void => {
    const line = document.lineOf(path);
    const [name = '', key] = path;
    const where = `${document.file}:${line}: [${name}]${key === undefined ? '' : ` ${key}`}`;
    problems.push({ line, text: `${where}: ${message}` });
  };
  const names = Object.keys(tables).map(snakeCase);
  for (const name of Object.keys(document.root)) {
    if (!names.includes(name)) problem([name], unknownKey(name, names));
  }
  const entries = Object.entries(tables).map(([field, { read }]) => {
    const name = snakeCase(field);
    const value = Object.hasOwn(document.root, name) ? document.root[name] : undefined;
    const isTable = value === undefined || describe(value) === 'a table';
    if (!isTable) problem([name], `expected a table, found ${describe(value)}`);
    return [field, read({ document, env, problem }, name, isTable ? (value as TomlTable) : {})];
  });
  if (problems.length > 0) {
    const texts = problems.sort((a, b) => a.line - b.line).map(({ text }) => text);
    throw new PluginError('config-invalid', texts.join('\n'));
  }
  return Object.fromEntries(entries) as Settings<Tables>;
}

function unknownKey(key: string, known: readonly string[]): string {
  const secret = known.find((each) => each === `${key}_file`);
  if (secret !== undefined) {
    return `secrets are not written here: set ${secret} to the path of a file, or ${key}_env to the name of a variable`;
  }
  const near = suggestion(key, known);
  const meant = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`;
  return `not a known key; ${meant}`;
}

export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
