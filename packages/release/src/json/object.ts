import type { Node } from 'jsonc-parser';

import { didYouMean } from '../did-you-mean.js';
import { alternatives, quoted } from '../quoted.js';
import { type Decoder, type Place, refused, unexpected } from './decode.js';

/** A member of an object: what it holds, and what stands for it when it is absent. */
export interface Member<T> {
  readonly decoder: Decoder<T>;
  readonly fallback?: { readonly value: T };
}

export function required<T>(decoder: Decoder<T>): Member<T> {
  return { decoder };
}

export function optional<T, F>(decoder: Decoder<T>, fallback: F): Member<T | F> {
  return { decoder, fallback: { value: fallback } };
}

type Members = Readonly<Record<string, Member<unknown>>>;
type Decoded<M extends Members> = {
  readonly [K in keyof M]: M[K] extends Member<infer T> ? T : never;
};

/** An object of known members. An `open` one may hold others, which are ignored. */
export function object<M extends Members>(
  expected: string,
  members: M,
  options: { readonly open?: boolean } = {},
): Decoder<Decoded<M>> {
  const known = Object.keys(members);
  return {
    expected,
    decode: (place) => {
      if (place.node.type !== 'object') return unexpected(place, expected);
      const written = membersOf(place, (name) => known.includes(name));
      const values = Object.entries(members).map(([name, member]) => {
        const value = written.get(name);
        if (value !== undefined) return [name, member.decoder.decode(value)] as const;
        if (member.fallback !== undefined) return [name, member.fallback.value] as const;
        const missing = `missing; expected ${member.decoder.expected}`;
        return [name, place.inner(place.node, name).refuse(missing)] as const;
      });
      if (options.open !== true) refuseUnknown(place, known);
      if (values.some(([, value]) => value === refused)) return refused;
      return Object.fromEntries(values) as Decoded<M>;
    },
  };
}

/** An object whose keys are names of one kind, as a map in the order of the file. */
export function record<T>(
  expected: string,
  name: { readonly expected: string; readonly pattern: RegExp },
  decoder: Decoder<T>,
): Decoder<ReadonlyMap<string, T>> {
  return {
    expected,
    decode: (place) => {
      if (place.node.type !== 'object') return unexpected(place, expected);
      const written = membersOf(place, () => true);
      if (written.size === 0) return place.refuse(`expected ${expected}, found none`);
      const decoded = new Map<string, T>();
      for (const [key, value] of written) {
        const result = name.pattern.test(key)
          ? decoder.decode(value)
          : value.refuse(`expected ${name.expected} as the key, found ${quoted(key)}`);
        if (result !== refused) decoded.set(key, result);
      }
      return decoded.size === written.size ? decoded : refused;
    },
  };
}

/** The values of the members that are looked at, by name; a name that is there twice is refused. */
function membersOf(place: Place, wanted: (name: string) => boolean): ReadonlyMap<string, Place> {
  const values = new Map<string, Place>();
  for (const { name, key, value } of properties(place.node)) {
    if (!wanted(name)) continue;
    if (values.has(name)) place.inner(key, name).refuse('is written twice');
    else values.set(name, place.inner(value, name));
  }
  return values;
}

function refuseUnknown(place: Place, known: readonly string[]): void {
  const unknown = properties(place.node).filter(({ name }) => !known.includes(name));
  for (const { name, key } of unknown) {
    const hint =
      didYouMean(name, known) || `; known are ${alternatives(known).replace(/ or /, ' and ')}`;
    place.inner(key, name).refuse(`unknown key${hint}`);
  }
}

function properties(
  node: Node,
): readonly { readonly name: string; readonly key: Node; readonly value: Node }[] {
  return (node.children ?? []).flatMap(({ children: [key, value] = [] }) =>
    key === undefined || value === undefined ? [] : [{ name: String(key.value), key, value }],
  );
}
