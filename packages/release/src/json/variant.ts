import { findNodeAtLocation } from 'jsonc-parser';

import type { Decoder } from './decode.js';
import { refused, unexpected, word } from './decode.js';

/** An object of one of several kinds, which one of its members tells by name. */
export function variant<T>(
  expected: string,
  member: string,
  kinds: Readonly<Record<string, Decoder<T>>>,
): Decoder<T> {
  const kind = word(Object.keys(kinds));
  return {
    expected,
    decode: (place) => {
      const { node } = place;
      if (node.type !== 'object') return unexpected(place, expected);
      if (findNodeAtLocation(node, [member]) === undefined) {
        return place.inner(node, member).refuse(`missing; expected ${kind.expected}`);
      }
      const found = kind.decode(place.at(member));
      return found === refused ? refused : (kinds[found]?.decode(place) ?? refused);
    },
  };
}
