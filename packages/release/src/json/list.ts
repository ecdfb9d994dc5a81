import { type Decoder, type Refused, refused, unexpected } from './decode.js';

export interface ListOptions<T> {
  readonly minimum?: number;
  readonly maximum?: number;
  /** Items that are the same are refused. */
  readonly same?: (a: T, b: T) => boolean;
}

/** An array. */
export function list<T>(
  expected: string,
  item: Decoder<T>,
  { minimum = 0, maximum = Infinity, same = () => false }: ListOptions<T> = {},
): Decoder<readonly T[]> {
  return {
    expected,
    decode: (place) => {
      const nodes = place.node.type === 'array' ? (place.node.children ?? []) : undefined;
      if (nodes === undefined || nodes.length < minimum || nodes.length > maximum) {
        return unexpected(place, expected);
      }
      const items = nodes.map((node, index) => item.decode(place.inner(node, index)));
      const accepted = items.filter(
        (each): each is Exclude<typeof each, Refused> => each !== refused,
      );
      if (accepted.length < items.length) return refused;
      const repeated = accepted.flatMap((each, index) => {
        const first = accepted.findIndex((other) => same(other, each));
        return first >= 0 && first < index ? [{ first, index }] : [];
      });
      for (const { first, index } of repeated) place.at(index).refuse(`repeats [${first}]`);
      return repeated.length === 0 ? accepted : refused;
    },
  };
}
