import type { Config } from 'openpgp';

/** The library, loaded when something is signed or verified: it is large, and most steps do neither. */
export function openPgp() {
  return import('openpgp');
}

/** The same signature each time; keys that clients accept; armor that says nothing of the library. */
export const openPgpConfig = {
  nonDeterministicSignaturesViaNotation: false,
  showVersion: false,
  showComment: false,
} as const;

/** The configuration as a whole, for the methods that do not take a part of it. */
export async function wholeConfig(): Promise<Config> {
  const { config } = await openPgp();
  return { ...config, ...openPgpConfig };
}

/** Whole seconds, as signatures have them. */
export function inSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}
