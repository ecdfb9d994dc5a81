/** `1 blob`, `3 blobs`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `104.3 MB`, in powers of 1000 as registries and disks count. */
export function bytes(number: number): string {
  if (number < 1000) return `${number} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let scaled = number / 1000;
  // What would be rounded to 1000.0 is 1.0 of the next.
  while (scaled >= 999.95 && units.length > 1) {
    scaled /= 1000;
    units.shift();
  }
  return `${scaled.toFixed(1)} ${units[0] ?? ''}`;
}

/** `0.8 s`, `2 min 5 s`. */
export function duration(from: Date, to: Date): string {
  const seconds = Math.max(to.getTime() - from.getTime(), 0) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
