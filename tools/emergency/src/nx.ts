import { join } from 'node:path';

import type { Host } from '@teleport-plugins/nx-release/host';
import { programsIn } from '@teleport-plugins/nx-release/programs';

/**
 * Runs a target of the workspace in a folder, on this terminal, and says its exit code. No background process of
 * Nx is started: it would keep the secrets of this environment for hours.
 */
export async function runNx(
  folder: string,
  words: readonly string[],
  { env, signal }: Pick<Host, 'env' | 'signal'>,
): Promise<number> {
  const run = programsIn(folder, { env: { ...env, NX_DAEMON: 'false' }, signal });
  const shown = run({ stdio: 'inherit', nothrow: true });
  const { exitCode, signal: death } =
    await shown`${join(folder, 'node_modules/.bin/nx')} run ${words}`;
  return exitCode ?? (death === null ? 1 : 130);
}
