import type { Host } from '../host.js';

/**
 * What a command needs to know about the terminal, since it writes into pipes: that there are colours, and
 * how wide it is. Nothing when either stream goes elsewhere, which colours would spoil, nor about what the caller
 * has decided.
 */
export function terminalVariables(host: Host): Readonly<Record<string, string>> {
  const { stdout, stderr, env } = host;
  if (!isTerminal(stdout) || !isTerminal(stderr)) return {};
  return Object.fromEntries(
    Object.entries({
      ...colours(host),
      COLUMNS: String(stdout.columns),
      LINES: String(stdout.rows),
    }).filter(([name]) => env[name] === undefined),
  );
}

/** https://nodejs.org/api/tty.html#writestreamgetcolordepthenv, https://force-color.org, https://bixense.com/clicolors */
function colours({ stdout, env }: Host): Readonly<Record<string, string>> {
  if (env.NO_COLOR !== undefined || env.FORCE_COLOR !== undefined) return {};
  const level = { 1: undefined, 4: '1', 8: '2', 24: '3' }[stdout.getColorDepth({ ...env })];
  return level === undefined ? {} : { FORCE_COLOR: level, CLICOLOR_FORCE: '1' };
}

/** Whatever the types say, the property is absent elsewhere. */
function isTerminal({ isTTY }: { readonly isTTY?: boolean }): boolean {
  return isTTY === true;
}
