/** ` (did you mean --only?)` when one of the known words is near to what was written, else nothing. */
export function didYouMean(written: string, known: readonly string[]): string {
  const [nearest] = known
    .map((word) => ({ word, distance: distance(written, word) }))
    .filter(({ word, distance }) => distance <= Math.max(2, word.length / 5))
    .sort((one, other) => one.distance - other.distance);
  return nearest === undefined ? '' : ` (did you mean ${nearest.word}?)`;
}

/** How many letters have to be added, removed or replaced (Levenshtein). */
function distance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, letter] of Array.from(from).entries()) {
    const current = [row + 1];
    for (const [column, other] of Array.from(to).entries()) {
      const kept = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      const removed = (previous[column + 1] ?? 0) + 1;
      const added = (current[column] ?? 0) + 1;
      current.push(Math.min(kept, removed, added));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
