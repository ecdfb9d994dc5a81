import { isAlias, isMap, isScalar, type Pair, type ParsedNode } from 'yaml';

import type { SecretsError } from '../error.js';
import { invalidLine } from './refusals.js';

/** A node of a document, without what only YAML has. */
export type Tree = Text | Mapping | Sequence;

export interface Text {
  readonly kind: 'text';
  /** In the document, from 1. */
  readonly line: number;
  readonly text: string;
  /** Nothing stands there: not even `""`. */
  readonly isAbsent: boolean;
}

export interface Mapping {
  readonly kind: 'mapping';
  readonly line: number;
  readonly entries: readonly { readonly key: Text; readonly value: Tree }[];
}

/** Whatever is in it: no secrets document has one. */
interface Sequence {
  readonly kind: 'sequence';
  readonly line: number;
}

/** @throws SecretsError `document-invalid` for aliases, anchors, tags, and keys that are no text */
export function plainTree(root: ParsedNode, lineAt: (offset: number) => number): Tree {
  const lineOf = (node: ParsedNode) => lineAt(node.range[0]);

  function treeOf(node: ParsedNode): Tree {
    const line = lineOf(node);
    if (isAlias(node)) throw refused(line, 'an alias');
    if (node.anchor !== undefined) throw refused(line, 'an anchor');
    if (node.tag !== undefined) throw refused(line, 'a tag');
    if (isScalar(node)) {
      const { source, type } = node;
      const isAbsent = source === '' && type === 'PLAIN';
      return { kind: 'text', line, text: String(node.value), isAbsent };
    }
    if (!isMap(node)) return { kind: 'sequence', line };
    return { kind: 'mapping', line, entries: node.items.map((pair) => entryOf(pair)) };
  }

  function entryOf({ key, value }: Pair<ParsedNode, ParsedNode | null>) {
    const text = treeOf(key);
    if (text.kind !== 'text') throw refused(text.line, 'a key that is no text');
    const absent = { kind: 'text', line: text.line, text: '', isAbsent: true } as const;
    return { key: text, value: value === null ? absent : treeOf(value) };
  }
  return treeOf(root);
}

function refused(line: number, what: string): SecretsError {
  return invalidLine(line, `found ${what}, which no secrets document has`);
}
