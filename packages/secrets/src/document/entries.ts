import { isVariableName } from './names.js';
import { emptyDocument, encryptedDocument, invalidLine } from './refusals.js';
import type { Mapping, Text, Tree } from './tree.js';

/**
 * The text of each secret by its name, from `secrets: {NAME: {value: text}}` and nothing else.
 *
 * @throws SecretsError `document-empty`, `document-encrypted` or `document-invalid`, with the line and the name
 */
export function readEntries(root: Tree): ReadonlyMap<string, string> {
  if (root.kind === 'text' && root.isAbsent) throw emptyDocument();
  if (root.kind !== 'mapping') throw invalidLine(root.line, 'expected the key "secrets"');
  if (root.entries.some(({ key }) => key.text === 'sops')) throw encryptedDocument();
  const secrets = onlyEntry(root, 'secrets');
  if (secrets.kind !== 'mapping' || secrets.entries.length === 0) {
    throw invalidLine(secrets.line, '"secrets" is empty, or no mapping: expected NAME: {value: …}');
  }
  const entries = new Map<string, string>();
  for (const { key, value: entry } of secrets.entries) {
    refuseStray(entry);
    const name = nameOf(key);
    if (entries.has(name))
      throw invalidLine(key.line, `${name} is there already; remove one of the two`);
    entries.set(name, textOf(name, onlyEntry(entry, 'value', `${name}: `)));
  }
  return entries;
}

/** A line of a value that is out of its place looks like a name, and names are quoted from here on. */
function refuseStray(entry: Tree): asserts entry is Mapping {
  if (entry.kind === 'mapping' && entry.entries.some(({ key }) => key.text === 'value')) return;
  throw invalidLine(entry.line, 'what is here is no secret: expected NAME: {value: …}');
}

function textOf(name: string, value: Tree): string {
  if (value.kind !== 'text') throw invalidLine(value.line, `the value of ${name} is not text`);
  if (value.isAbsent) {
    throw invalidLine(value.line, `${name} has no value; write "" when it is meant to be empty`);
  }
  if (value.text.startsWith('ENC[')) throw encryptedDocument();
  const why = damageOf(value.text);
  if (why !== undefined) throw invalidLine(value.line, `the value of ${name} ${why}`);
  return value.text;
}

/** The value of the only key that a mapping may have. Others are not quoted: what is misplaced may be anything. */
function onlyEntry(mapping: Mapping, only: string, where = ''): Tree {
  const [found, again] = mapping.entries.filter(({ key }) => key.text === only);
  const other = mapping.entries.find(({ key }) => key.text !== only);
  if (other !== undefined) {
    throw invalidLine(other.key.line, `${where}found another key than "${only}"`);
  }
  if (found === undefined) throw invalidLine(mapping.line, `${where}expected the key "${only}"`);
  if (again !== undefined) throw invalidLine(again.key.line, `${where}"${only}" is there already`);
  return found.value;
}

function nameOf({ text, line }: Text): string {
  if (isVariableName(text)) return text;
  const allowed = 'expected letters, digits and _, and no digit first';
  const [start = ''] = /^\w{0,64}/.exec(text) ?? [];
  throw invalidLine(
    line,
    text === ''
      ? `a secret has no name: ${allowed}`
      : `a secret's name cannot be that of a variable (it begins with "${start}"): ${allowed}`,
  );
}

/** What is wrong with a text as a whole, if it is. */
function damageOf(text: string): string | undefined {
  // https://www.unicode.org/glossary/#surrogate_code_point
  if (/\p{Surrogate}/u.test(text)) return 'holds half a character (a lone surrogate)';
  const [, label] = /^-----BEGIN ([^-\n]+)-----$/m.exec(text) ?? [];
  if (label !== undefined && !text.includes(`-----END ${label}-----`)) {
    return 'is a key whose end is missing: is the document cut off?';
  }
  return undefined;
}
