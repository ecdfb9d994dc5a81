/** From one byte of a text to before another. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Adds a span to others, the last of which it often overlaps. */
export function addSpan(spans: Span[], start: number, end: number): void {
  const last = spans.at(-1);
  if (last !== undefined && start >= last.start && start <= last.end) {
    spans[spans.length - 1] = { start: last.start, end: Math.max(last.end, end) };
  } else {
    spans.push({ start, end });
  }
}

/** In order, those that touch each other as one. */
export function merged(spans: readonly Span[]): readonly Span[] {
  if (spans.length < 2) return spans;
  const all: Span[] = [];
  for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
    addSpan(all, start, end);
  }
  return all;
}
