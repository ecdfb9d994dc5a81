import fc from 'fast-check';

/** A change of a JSON value somewhere inside it. */
export type Edit = (json: unknown) => unknown;

/** Changes that people make to a JSON file by mistake: other values, missing, renamed and added members. */
export function edits(values: readonly unknown[]): fc.Arbitrary<Edit> {
  const where = fc.nat({ max: 99 });
  const value = fc.oneof(fc.constantFrom(...values), fc.jsonValue({ maxDepth: 1 }));
  return fc.oneof(
    fc.tuple(where, value).map(([at, other]) => editAt(at, ([name]) => [[name, other]])),
    where.map((at) => editAt(at, () => [])),
    fc
      .tuple(
        where,
        fc.constantFrom(
          'x',
          '$schema',
          'image',
          'base',
          'protected',
          'port',
          'aws',
          'tags',
          'file',
        ),
      )
      .map(([at, name]) => editAt(at, ([, old]) => [[name, old]])),
    fc
      .tuple(
        where,
        value,
        fc.constantFrom('x', '$schema', 'protected', 'exposedPorts', 'local', 'aws', 'provider'),
      )
      .map(([at, other, name]) => editAt(at, (member) => [member, [name, other]])),
  );
}

type Entry = readonly [name: string, value: unknown];

/** Edits the member or item that is the `at`-th, counted around. */
function editAt(at: number, edit: (entry: Entry) => readonly Entry[]): Edit {
  return (json) => {
    let left = at % Math.max(1, count(json));
    const visit = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      const entries = Object.entries(value).flatMap(([name, inner]): readonly Entry[] => {
        left -= 1;
        return left === -1 ? edit([name, inner]) : [[name, visit(inner)]];
      });
      if (Array.isArray(value)) return entries.map(([, inner]) => inner);
      return Object.fromEntries(entries);
    };
    return visit(json);
  };
}

function count(json: unknown): number {
  if (typeof json !== 'object' || json === null) return 0;
  return Object.values(json).reduce<number>((sum, value) => sum + 1 + count(value), 0);
}
