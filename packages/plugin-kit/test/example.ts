import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';

import { snakeCase, type Table } from '../src/config/read.js';
import type { Plugin } from '../src/plugin.js';
import { loadSettings } from '../src/run.js';
import { commonTables } from '../src/settings.js';

/** What a plugin's example of a configuration file is good for. */
export interface Example {
  /** Keys and tables of the plugin that it does not show, as `table.key`. */
  readonly missing: readonly string[];
  /** The settings as the example has them. */
  readonly settings: unknown;
  /** The settings with everything set that is there as a comment. */
  readonly full: unknown;
}

/**
 * Reads an example as a user would: copied, with the secrets in place.
 *
 * @throws PluginError when it is not right, as it is or with its comments taken off
 */
export async function readExample<Own extends Readonly<Record<string, Table<unknown>>>>(
  plugin: Plugin<Own>,
  file: string,
  secrets: Readonly<Record<string, string>>,
): Promise<Example> {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'secrets'));
  for (const [name, secret] of Object.entries(secrets)) {
    await writeFile(join(directory, 'secrets', name), secret);
  }
  const text = (await readFile(file, 'utf8')).replaceAll('/run/secrets/', 'secrets/');
  const read = async (content: string): Promise<unknown> => {
    const copy = join(directory, 'example.toml');
    await writeFile(copy, content);
    return loadSettings(plugin, copy, {});
  };
  const full = text.replaceAll(/^# (?=[a-z_]+ = )/gm, '');
  return { missing: missingIn(full, plugin), settings: await read(text), full: await read(full) };
}

function missingIn(
  text: string,
  plugin: {
    readonly tables: Readonly<Record<string, Table<unknown>>>;
    readonly recipient: Plugin<never>['recipient'];
  },
): readonly string[] {
  const tables = Object.entries({ ...plugin.tables, ...commonTables(plugin.recipient) });
  return tables.flatMap(([field, { keys }]) => {
    const name = snakeCase(field);
    const [, body] = new RegExp(`^\\[${name}\\]\\n([^[]*(?:\\n[^[].*)*)`, 'm').exec(text) ?? [];
    if (body === undefined) return [name];
    // Also within a comment: a secret has two keys, of which a file sets one.
    const shown = (key: string) => new RegExp(`(?:^|\\W)${key} = `, 'm').test(body);
    return keys.filter((key) => !shown(key)).map((key) => `${name}.${key}`);
  });
}
