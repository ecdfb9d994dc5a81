import { isUtf8 } from 'node:buffer';

import { Secret } from '../secret.js';
import { readEntries } from './entries.js';
import { emptyDocument, encryptedDocument, invalidDocument } from './refusals.js';

/** In bytes: no environment holds more. */
const largest = 2 * 1024 * 1024;

/**
 * The secrets of a decrypted document of Drone's, by name: `secrets: {NAME: {value: text}}` in YAML or JSON, and
 * nothing else. Values are the text that is written there (`007`, `yes` and `~` are themselves), with all line ends.
 *
 * @throws SecretsError `document-empty`, `document-encrypted` or `document-invalid`, with line and name where there
 * are; no value is quoted
 */
export async function parseDroneSecrets(
  document: Uint8Array | Promise<Uint8Array>,
): Promise<ReadonlyMap<string, Secret>> {
  // A library comes with it: most programs that import this package read no document, and it is loaded while that of
  // others is decrypted.
  const [bytes, { readYaml }] = await Promise.all([document, import('./read-yaml.js')]);
  const text = textOf(bytes);
  if (text.trim() === '') throw emptyDocument();
  // What age and GnuPG write; what sops writes is known by its keys.
  if (/^\s*-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE)-----/.test(text))
    throw encryptedDocument();
  const root = readYaml(text);
  refuseUnfinished(text);
  return new Map([...readEntries(root)].map(([name, value]) => [name, new Secret(value)]));
}

function textOf(document: Uint8Array): string {
  if (document.length > largest) {
    throw invalidDocument(
      `has ${document.length} bytes, more than ${largest}: is it another file?`,
    );
  }
  if (!isUtf8(document)) {
    throw invalidDocument(
      'is not UTF-8: is it another file, or still encrypted? Decrypt it with `sops -d`',
    );
  }
  return new TextDecoder().decode(document);
}

/** Half a value is a value, too, but not the end of a line. What is between braces is not YAML without the last one. */
function refuseUnfinished(text: string): void {
  if (text.endsWith('\n') || text.trimStart().startsWith('{')) return;
  throw invalidDocument('does not end with a line end: is it cut off?');
}
