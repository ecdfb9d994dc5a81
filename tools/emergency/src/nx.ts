import { join } from 'node:path';

import type { Host } from '@teleport-plugins/nx-release/host';
import { programsIn } from '@teleport-plugins/nx-release/programs';

/**
 * Runs a target of the workspace in a folder, on this terminal. No background process of Nx is started: it would keep
 * the secrets of this environment for hours.
 *
 * @param words the target and the options of Nx, then `--` and those of the target: before it Nx would take some for
 *   its own, print its version and succeed
 * @returns 0, or 1 for all that Nx ends with otherwise: it has 130 for whatever stopped a task that others wait for
 */
export async function runNx(
  folder: string,
  words: readonly string[],
  { env, signal }: Pick<Host, 'env' | 'signal'>,
): Promise<number> {
  const run = programsIn(folder, { env: { ...env, NX_DAEMON: 'false' }, signal });
  const shown = run({ stdio: 'inherit', nothrow: true });
  const { exitCode } = await shown`${join(folder, 'node_modules/.bin/nx')} run ${words}`;
  return exitCode === 0 ? 0 : 1;
}
