import { quoted } from './quoted.js';

/** ` (did you mean "minor"?)` when one of the known words is near to what was written, else nothing. */
export function didYouMean(written: string, known: readonly string[]): string {
  const near = nearest(written, known);
  return near === undefined ? '' : ` (did you mean ${quoted(near)}?)`;
}

function nearest(written: string, known: readonly string[]): string | undefined {
  if (written.length > 64) return undefined;
  const word = written.toLowerCase();
  const [best] = known
    .map((name) => ({ name, distance: distance(word, name.toLowerCase()) }))
    .filter(
      ({ name, distance }) =>
        distance < name.length && distance <= Math.max(1, (name.length + 1) / 3),
    )
    .sort((a, b) => a.distance - b.distance);
  if (best !== undefined) return best.name;
  const longer = known.filter((name) => word.length > 1 && name.toLowerCase().startsWith(word));
  return longer.length === 1 ? longer[0] : undefined;
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
