import { Composer, LineCounter, Parser, type CST } from 'yaml';

import { emptyDocument, invalidDocument, invalidLine } from './refusals.js';
import { plainTree, type Tree } from './tree.js';

/** A secrets document has mappings in mappings in a mapping, and the tokens of their values. */
const deepest = 12;

/**
 * The one document of a text.
 *
 * @throws SecretsError `document-empty` or `document-invalid`; of what the library says only line and code are
 * kept, because the rest quotes the text
 */
export function readYaml(text: string): Tree {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  // What reads them next calls itself for each level, and the process would end where the stack does.
  if (depthOf(tokens) > deepest) throw invalidDocument('is nested too deeply: is it another file?');
  const composer = new Composer({
    // Scalars are text: nothing makes numbers of them.
    schema: 'failsafe',
    strict: true,
    // The library compares each with each: hours, for a document that means harm.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [document, second] = [...composer.compose(tokens)];
  const [wrong] = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
  if (wrong !== undefined) {
    throw invalidLine(lineAt(lines, wrong.pos[0]), notYaml(inWords(wrong.code)));
  }
  if (second !== undefined) {
    throw invalidLine(lineAt(lines, second.range[0]), 'another document begins; expected one');
  }
  if (document?.contents == null) throw emptyDocument();
  return plainTree(document.contents, (offset) => lineAt(lines, offset));
}

/** How many collections are in each other. */
function depthOf(tokens: readonly CST.Token[]): number {
  let deep = 0;
  const left = tokens.map((token) => ({ token, depth: 1 }));
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const depth = next.depth + 1;
    deep = Math.max(deep, next.depth);
    for (const token of partsOf(next.token)) left.push({ token, depth });
  }
  return deep;
}

function partsOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) => [key ?? [], value ?? []].flat());
}

function notYaml(why: string): string {
  return `this is not YAML, or not all of it (${why}). Is it cut off, or another file?`;
}

function inWords(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ');
}

function lineAt(lines: LineCounter, offset: number): number {
  return lines.linePos(offset).line;
}
