/** What is handed out is good for so long at least, in milliseconds. */
export const margin = 5 * 60_000;

/** What has just been obtained is kept for so long, whatever the clocks say: they may be wrong. */
const least = 60_000;

/** How long what expires then is to be kept, in milliseconds. */
export function keptFor(expiration: Date | undefined, now: number): number {
  if (expiration === undefined) return Infinity;
  return Math.max(expiration.getTime() - margin - now, least);
}
