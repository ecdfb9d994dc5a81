import { SecretsError } from '../error.js';
import type { Secret } from '../secret.js';
import { checkLimits } from './limits.js';
import { refuseMissing } from './missing-names.js';
import { isProtected } from './protected-names.js';
import type { Environment, Selection } from './selection.js';

/**
 * The secrets that a program is given as variables, in the order of the document.
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
  const kept = new Set(differing(selected, selection, existing));
  if (kept.size > 0 && selection.keepExisting !== true) throw alreadyThere([...kept]);
  const variables = new Map(selected.filter(([name]) => !kept.has(name)));
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
    `${names.join(', ')}: such variables decide which code is run, and are no secrets. Rename them in the document, or select by name what is meant`,
  );
}

/** The names of variables that have another value, and are not to be replaced. */
function differing(
  selected: readonly Entry[],
  { override = [] }: Selection,
  existing: Environment,
): readonly string[] {
  return selected
    .filter(([name, secret]) => {
      const value = existing[name];
      return value !== undefined && value !== secret.reveal() && !override.includes(name);
    })
    .map(([name]) => name);
}

function alreadyThere(names: readonly string[]): SecretsError {
  return new SecretsError(
    'variable-exists',
    `${names.join(', ')}: the environment has other values already. Unset them, or say by name which are replaced, or keep them`,
  );
}

function nothingSelected(prefix: string): SecretsError {
  return new SecretsError('names-missing', `no secret has a name that begins with "${prefix}"`);
}
