import { redactor } from '@teleport-plugins/secrets/redaction';

import type { Run } from './run.js';

/** What would be run, for people: names, and no values. */
export function describeRun({ command, secrets, shown, isMasked }: Run): string {
  const mask = redactor();
  for (const secret of secrets.values()) mask.add(secret);
  const names = [...secrets.keys()].sort().map((name) => {
    const isHidden = isMasked && !shown.has(name);
    return `  ${name}${isHidden ? '' : '  (not masked)'}`;
  });
  return [
    // A secret among the arguments would be a mistake, and one more to print it.
    `would run ${mask.redact(command.map(quote).join(' '))}`,
    `with ${secrets.size} ${secrets.size === 1 ? 'secret' : 'secrets'} in its environment:`,
    ...names,
  ].join('\n');
}

/** As a shell takes it. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
