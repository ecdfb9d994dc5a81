import type { Run } from './run.js';
import { withoutSecrets } from './without-secrets.js';

/**
 * What would be run, for people: names, and no values.
 *
 * @param kept names of variables that stay as the environment has them
 */
export function describeRun(
  { command, secrets, shown, isMasked }: Run,
  kept: ReadonlySet<string>,
): string {
  const names = [...secrets.keys()].sort().map((name) => {
    const isShown = !isMasked || shown.has(name);
    const notes = [
      ...(kept.has(name) ? ['(as the environment has it)'] : []),
      ...(isShown ? ['(not masked)'] : []),
    ];
    return `  ${[name, ...notes].join('  ')}`;
  });
  return [
    `would run ${withoutSecrets(command.map(quote).join(' '), secrets)}`,
    `with ${secrets.size} ${secrets.size === 1 ? 'secret' : 'secrets'} in its environment:`,
    ...names,
  ].join('\n');
}

/** As a shell takes it. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
