import { didYouMean } from '@teleport-plugins/secrets/did-you-mean';

import { invalid } from './arguments/command-line.js';

/**
 * The names that are not masked: a misspelt one would leave masked what nobody can read then.
 *
 * @throws WithSecretsError `command-line-invalid`
 */
export function shownNames(
  asked: readonly string[],
  present: readonly string[],
): ReadonlySet<string> {
  const unknown = asked.find((name) => !present.includes(name));
  if (unknown === undefined) return new Set(asked);
  throw invalid(
    `--show ${unknown}: the command gets no such secret${didYouMean(unknown, present)}`,
  );
}
