import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { bundleOf } from '@teleport-plugins/source-bundle';

const packageRoot = dirname(dirname(fileURLToPath(import.meta.url)));

const commands = ['push-image', 'promote-image', 'tf-stage', 'tf-release'];

/**
 * Runs a command, whose sources are TypeScript.
 *
 * @param {string} name of a file in src
 * @returns {Promise<void>}
 */
export async function start(name) {
  const entryPoints = Object.fromEntries(commands.map((each) => [each, `src/${each}.ts`]));
  await import(await bundleOf({ packageRoot, entryPoints }, name));
}
