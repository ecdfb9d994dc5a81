import { didYouMean } from '../did-you-mean.js';
import { SecretsError } from '../error.js';
import type { Secret } from '../secret.js';
import type { Selection } from './selection.js';

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
