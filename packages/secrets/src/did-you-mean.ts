/** ` (did you mean AWS_ROLE?)` when one of the names is near to what was written, else nothing. */
export function didYouMean(name: string, names: readonly string[]): string {
  const [nearest] = names
    .map((other) => ({ other, distance: distanceOf(name.toUpperCase(), other.toUpperCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, name.length / 5))
    .sort((one, two) => one.distance - two.distance);
  return nearest === undefined ? '' : ` (did you mean ${nearest.other}?)`;
}

/** How many characters have to be put in, taken out or replaced. https://en.wikipedia.org/wiki/Levenshtein_distance */
function distanceOf(one: string, two: string): number {
  let row = Array.from({ length: two.length + 1 }, (_, column) => column);
  for (const [line, character] of Array.from(one).entries()) {
    const next = [line + 1];
    for (const [column, other] of Array.from(two).entries()) {
      const replaced = (row[column] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
