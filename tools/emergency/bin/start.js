import { fileURLToPath } from 'node:url';

/**
 * Runs a command from its TypeScript. What compiles it looks for itself, and for the compiler's options, in the
 * working directory: that becomes the root of the workspace, wherever the command is called from.
 *
 * @param {string} name of a file in src
 * @returns {Promise<void>}
 */
export async function start(name) {
  process.chdir(fileURLToPath(new URL('../../..', import.meta.url)));
  await import('@swc-node/register/esm-register');
  await import(`../src/${name}.ts`);
}
