import type { Secret } from '@teleport-plugins/secrets';
import { redactor } from '@teleport-plugins/secrets/redaction';

/** Words of a command, for people. A secret among them is a mistake, and printing it would be one more. */
export function withoutSecrets(words: string, secrets: ReadonlyMap<string, Secret>): string {
  const mask = redactor();
  for (const secret of secrets.values()) mask.add(secret);
  return mask.redact(words);
}
