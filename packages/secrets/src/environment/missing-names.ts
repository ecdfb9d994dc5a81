import { SecretsError } from '../error.js';
import type { Secret } from '../secret.js';
import type { Selection } from './select-variables.js';

/** @throws SecretsError `names-missing`, with all names that are asked for and cannot be had */
export function refuseMissing(
  secrets: ReadonlyMap<string, Secret>,
  { only = [], require = [], override = [] }: Selection,
): void {
  const there = [...secrets.keys()];
  const missing = [...new Set([...only, ...require, ...override])]
    .filter((name) => !secrets.has(name))
    .map((name) => `${name} is not there${didYouMean(name, there)}`);
  const empty = [...new Set(require)]
    .filter((name) => secrets.get(name)?.reveal() === '')
    .map((name) => `${name} is empty`);
  const wrong = [...missing, ...empty];
  if (wrong.length === 0) return;
  throw new SecretsError('names-missing', `the secrets document: ${wrong.join('; ')}`);
}

function didYouMean(name: string, names: readonly string[]): string {
  const [nearest] = names
    .map((other) => ({ other, distance: distanceOf(name.toUpperCase(), other.toUpperCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, name.length / 5))
    .sort((one, two) => one.distance - two.distance);
  return nearest === undefined ? '' : ` (did you mean ${nearest.other}?)`;
}

/** How many characters have to be put in, taken out or replaced. https://en.wikipedia.org/wiki/Levenshtein_distance */
function distanceOf(one: string, two: string): number {
  let row = Array.from({ length: two.length + 1 }, (_, column) => column);
  for (const [line, character] of Array.from(one).entries()) {
    const next = [line + 1];
    for (const [column, other] of Array.from(two).entries()) {
      const replaced = (row[column] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
