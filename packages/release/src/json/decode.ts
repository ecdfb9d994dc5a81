import { findNodeAtLocation, type Node } from 'jsonc-parser';

import { didYouMean } from '../did-you-mean.js';
import { ReleaseError, type ReleaseErrorCode } from '../error.js';
import { alternatives, quoted } from '../quoted.js';
import { type Document, position } from './document.js';

/** Turns a JSON value into a typed one, or refuses it at the place where it stands. */
export interface Decoder<T> {
  /** What is accepted, as it reads after "expected": `a port between 1 and 65535`. */
  readonly expected: string;
  decode(place: Place): T | Refused;
}

/** A value in a document, and the way to it. */
export interface Place {
  readonly node: Node;
  /** `file:line:column: path.to[0].key`, for messages about this value. */
  where(): string;
  /** The node as the member or item of this value that a step leads to. */
  inner(node: Node, step: string | number): Place;
  /** What is at the end of some steps; this place when nothing is. */
  at(...path: readonly (string | number)[]): Place;
  refuse(problem: string): Refused;
}

/** Stands for a value that was refused; the problem is noted elsewhere, so that all are told at once. */
export const refused = Symbol('refused');
export type Refused = typeof refused;

const problemLimit = 20;

/** Decodes a whole document. Throws one error that tells all problems, in the order of the file. */
export function decodeDocument<T>(
  document: Document,
  decoder: Decoder<T>,
  code: ReleaseErrorCode,
): T {
  const problems: { readonly offset: number; readonly tell: () => string }[] = [];
  const placeOf = (node: Node, path: string): Place => ({
    node,
    where: () => {
      const at = position(document.file, document.text, node.offset);
      return path === '' ? at : `${at}: ${path}`;
    },
    inner: (inner, step) => placeOf(inner, join(path, step)),
    at: (...steps) => {
      const found = findNodeAtLocation(node, [...steps]);
      return placeOf(found ?? node, found === undefined ? path : steps.reduce(join, path));
    },
    refuse(problem) {
      problems.push({ offset: node.offset, tell: () => `${this.where()}: ${problem}` });
      return refused;
    },
  });
  const value = decoder.decode(placeOf(document.root, ''));
  if (value !== refused && problems.length === 0) return value;
  problems.sort((a, b) => a.offset - b.offset);
  const told = problems.slice(0, problemLimit).map(({ tell }) => tell());
  const untold = problems.length - told.length;
  if (untold > 0) told.push(`… and ${untold} more`);
  throw new ReleaseError(code, told.join('\n'));
}

export function boolean(expected: string): Decoder<boolean> {
  return {
    expected,
    decode: (place) =>
      place.node.type === 'boolean' ? place.node.value === true : unexpected(place, expected),
  };
}

export function integer(
  expected: string,
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
): Decoder<number> {
  return {
    expected,
    decode: (place) => {
      const value: unknown = place.node.value;
      const fits = Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
      return fits ? Number(value) : unexpected(place, expected);
    },
  };
}

/** A string that `parse` accepts; it answers `undefined` to what it does not. */
export function text<T>(
  expected: string,
  parse: (text: string, place: Place) => T | Refused | undefined,
): Decoder<T> {
  return {
    expected,
    decode: (place) => {
      const value = stringOf(place);
      const parsed = value === undefined ? undefined : parse(value, place);
      return parsed === undefined ? unexpected(place, expected) : parsed;
    },
  };
}

/** One of some words. */
export function word<const W extends string>(words: readonly W[]): Decoder<W> {
  const names = words.map((each) => quoted(each));
  const expected = words.length > 1 ? `one of ${alternatives(names)}` : alternatives(names);
  return {
    expected,
    decode: (place) => {
      const value = stringOf(place);
      const found = words.find((each) => each === value);
      return found ?? unexpected(place, expected, didYouMean(value ?? '', words));
    },
  };
}

/** A decoder and what else must be true of the value; the check refuses at the places it knows. */
export function checked<T>(
  decoder: Decoder<T>,
  check: (value: T, place: Place) => Refused | undefined,
): Decoder<T> {
  return {
    expected: decoder.expected,
    decode: (place) => {
      const value = decoder.decode(place);
      return value === refused ? refused : (check(value, place) ?? value);
    },
  };
}

/** The first of several decoders whose JSON type it is. */
export function byType<T>(
  expected: string,
  decoders: Readonly<Partial<Record<NonNullable<Node['type']>, Decoder<T>>>>,
): Decoder<T> {
  return {
    expected,
    decode: (place) => decoders[place.node.type]?.decode(place) ?? unexpected(place, expected),
  };
}

export function unexpected(place: Place, expected: string, hint = ''): Refused {
  return place.refuse(`expected ${expected}, found ${describe(place.node)}${hint}`);
}

/** A path with one more step: `image.platforms[0]`, `["odd name"].x`. */
function join(path: string, step: string | number): string {
  if (typeof step === 'number') return `${path}[${step}]`;
  if (!/^[\w$-]+$/.test(step)) return `${path}[${quoted(step)}]`;
  return path === '' ? step : `${path}.${step}`;
}

function stringOf({ node }: Place): string | undefined {
  return node.type === 'string' ? String(node.value) : undefined;
}

function describe(node: Node): string {
  switch (node.type) {
    case 'string':
      return quoted(String(node.value));
    case 'number':
    case 'boolean':
    case 'null':
      return String(node.value);
    case 'array':
      return node.children?.length === 0 ? 'an empty array' : 'an array';
    case 'object':
    case 'property':
      return 'an object';
  }
}
