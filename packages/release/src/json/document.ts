import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import {
  createScanner,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';

import { ReleaseError } from '../error.js';
import { printable } from '../quoted.js';

/** A JSON text whose values know where they stand. */
export interface Document {
  /** Relative to the workspace, for people. */
  readonly file: string;
  readonly text: string;
  readonly root: Node;
}

const sizeLimit = 64 * 1024;
const depthLimit = 32;

/**
 * Reads a JSON file of the workspace. Strict JSON in UTF-8: no comments, no trailing commas, no byte
 * order mark. Throws `file-missing` with the advice, `file-unreadable` and `json-invalid`.
 */
export async function readDocument(
  workspaceRoot: string,
  file: string,
  options: { readonly adviceWhenMissing: string },
): Promise<Document> {
  const path = join(workspaceRoot, file);
  let bytes: Uint8Array;
  try {
    const status = await stat(path);
    if (!status.isFile()) throw new ReleaseError('file-unreadable', `${file}: is not a file`);
    if (status.size > sizeLimit) {
      const found = `expected at most ${sizeLimit} bytes, found ${status.size}`;
      throw new ReleaseError('file-unreadable', `${file}: ${found}`);
    }
    bytes = await readFile(path);
  } catch (cause) {
    if (cause instanceof ReleaseError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      const what = `${file}: not found; ${options.adviceWhenMissing}`;
      throw new ReleaseError('file-missing', what, { cause });
    }
    throw new ReleaseError('file-unreadable', `${file}: cannot be read: ${message}`, { cause });
  }
  return parseDocument(file, bytes);
}

/** Throws `json-invalid`. */
export function parseDocument(file: string, bytes: Uint8Array): Document {
  const text = decode(file, bytes);
  if (text.startsWith('\uFEFF')) {
    throw invalid(
      file,
      text,
      0,
      'starts with a byte order mark; save the file as UTF-8 without it',
    );
  }
  if (text.trim() === '')
    throw invalid(file, text, 0, 'expected a JSON object, found an empty file');
  if (depth(text) > depthLimit) {
    throw invalid(file, text, 0, `expected at most ${depthLimit} levels of nesting`);
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [error] = errors;
  if (error !== undefined) {
    const token = text.slice(error.offset, error.offset + error.length).trim();
    const found = token === '' ? 'the end of the file' : printable(token);
    throw invalid(file, text, error.offset, `${explain(error)}, found ${found}`);
  }
  if (root === undefined) throw invalid(file, text, 0, 'expected a JSON object');
  return { file, text, root };
}

/** `file:line:column`, both from 1, as editors count. */
export function position(file: string, text: string, offset: number): string {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return `${file}:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ReleaseError('json-invalid', `${file}: expected UTF-8 text`, { cause });
  }
}

/** The deepest nesting of objects and arrays, counted beforehand because the parser recurses. */
function depth(text: string): number {
  const scanner = createScanner(text);
  let open = 0;
  let deepest = 0;
  while (scanner.getPosition() < text.length) {
    scanner.scan();
    const token = text.slice(scanner.getTokenOffset(), scanner.getPosition());
    if (token === '{' || token === '[') open += 1;
    else if (token === '}' || token === ']') open -= 1;
    deepest = Math.max(deepest, open);
  }
  return deepest;
}

function explain(error: ParseError): string {
  const name = printParseErrorCode(error.error);
  return expectations[name] ?? `expected JSON (${name})`;
}

const expectations: Readonly<Record<string, string>> = {
  InvalidSymbol: 'expected a value or a name in double quotes',
  InvalidNumberFormat: 'expected a number',
  PropertyNameExpected: 'expected a name in double quotes',
  ValueExpected: 'expected a value',
  ColonExpected: 'expected ":"',
  CommaExpected: 'expected "," or a closing bracket',
  CloseBraceExpected: 'expected "}"',
  CloseBracketExpected: 'expected "]"',
  EndOfFileExpected: 'expected the end of the file',
  InvalidCommentToken: 'expected JSON, which has no comments',
  UnexpectedEndOfComment: 'expected JSON, which has no comments',
  UnexpectedEndOfString: 'expected a string that ends with a double quote on its line',
  UnexpectedEndOfNumber: 'expected a digit after "." or "e"',
  InvalidUnicode: 'expected four hexadecimal digits after "\\u"',
  InvalidEscapeCharacter: 'expected a known escape after "\\"',
  InvalidCharacter:
    'expected a string without control characters; write them as "\\n" or "\\u0000"',
};

function invalid(file: string, text: string, offset: number, what: string): ReleaseError {
  return new ReleaseError('json-invalid', `${position(file, text, offset)}: ${what}`);
}
