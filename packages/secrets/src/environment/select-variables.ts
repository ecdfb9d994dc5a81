import { SecretsError } from '../error.js';
import { Secret } from '../secret.js';
import { checkLimits } from './limits.js';
import { refuseMissing } from './missing-names.js';
import { isProtected } from './protected-names.js';
import type { Environment, Selection } from './selection.js';

/**
 * The secrets that a program is given as variables, in the order of the document. A variable that keeps its value is
 * among them with that value: it is as secret as the one of the document, and a `Secret` of its own.
 *
 * @param existing what its environment is without them
 * @throws SecretsError `names-missing`, `variable-refused`, `variable-exists`, `value-invalid` or
 * `environment-too-large`, with the names of all variables that it is about, and no value
 */
export function selectVariables(
  secrets: ReadonlyMap<string, Secret>,
  selection: Selection,
  existing: Environment,
): ReadonlyMap<string, Secret> {
  refuseMissing(secrets, selection);
  const selected = [...secrets].filter(isSelected(selection));
  if (selected.length === 0) throw nothingSelected(selection.prefix ?? '');
  refuseProtected(selected, selection);
  refuseIdleOverrides(selected, selection);
  const kept = differing(selected, selection, existing);
  if (kept.size > 0 && selection.keepExisting !== true) throw alreadyThere([...kept.keys()]);
  refuseEmpty(kept, selection);
  const variables = new Map(selected.map(([name, secret]) => [name, kept.get(name) ?? secret]));
  checkLimits(variables, existing);
  return variables;
}

type Entry = readonly [name: string, secret: Secret];

function isSelected({ only = [], require = [], prefix }: Selection): (entry: Entry) => boolean {
  const isWhole = only.length === 0 && prefix === undefined;
  const named = new Set([...only, ...require]);
  return ([name]) =>
    isWhole || named.has(name) || (prefix !== undefined && name.startsWith(prefix));
}

function refuseProtected(
  selected: readonly Entry[],
  { only = [], require = [], override = [] }: Selection,
): void {
  const named = new Set([...only, ...require, ...override]);
  const names = selected
    .map(([name]) => name)
    .filter((name) => isProtected(name) && !named.has(name));
  if (names.length === 0) return;
  throw new SecretsError(
    'variable-refused',
    `${names.join(', ')}: such variables decide which code is run, and are no secrets. Rename them in the document, or name those that are meant with --only`,
  );
}

/** What is named to be replaced, and would keep its value all the same. */
function refuseIdleOverrides(selected: readonly Entry[], { override = [] }: Selection): void {
  const names = new Set(selected.map(([name]) => name));
  const idle = override.filter((name) => !names.has(name));
  if (idle.length === 0) return;
  throw new SecretsError(
    'names-missing',
    `${idle.join(', ')}: --override names ${it(idle)}, and ${idle.length === 1 ? 'it is' : 'they are'} not selected; say --only ${idle.join(',')}, too`,
  );
}

/** Variables that have another value, and are not to be replaced, with that value. */
function differing(
  selected: readonly Entry[],
  { override = [] }: Selection,
  existing: Environment,
): ReadonlyMap<string, Secret> {
  return new Map(
    selected.flatMap(([name, secret]) => {
      const value = existing[name];
      const isSame = value === undefined || value === secret.reveal();
      return isSame || override.includes(name) ? [] : [[name, new Secret(value)] as const];
    }),
  );
}

/** A program that needs a secret has no more from an empty variable than from an empty secret. */
function refuseEmpty(kept: ReadonlyMap<string, Secret>, { require = [] }: Selection): void {
  const empty = require.filter((name) => kept.get(name)?.reveal() === '');
  if (empty.length === 0) return;
  throw new SecretsError(
    'names-missing',
    `${empty.join(', ')}: the environment has ${it(empty)} empty, and keeps ${it(empty)}; unset ${it(empty)}, or say --override ${empty.join(',')}`,
  );
}

function alreadyThere(names: readonly string[]): SecretsError {
  return new SecretsError(
    'variable-exists',
    `${names.join(', ')}: the environment has other values already; unset them, or say --override ${names.join(',')} to replace them, or --keep-env to keep them`,
  );
}

function it(names: readonly string[]): string {
  return names.length === 1 ? 'it' : 'them';
}

function nothingSelected(prefix: string): SecretsError {
  return new SecretsError(
    'names-missing',
    `no secret has a name that begins with "${prefix}"; --list prints all names`,
  );
}
