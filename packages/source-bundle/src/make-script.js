import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { stop } from 'esbuild';

import { bundleScript } from './bundle.js';
import { keep } from './keep.js';

/** @typedef {import('./script.cjs').Script} Script */

/**
 * @param {Script} script
 * @param {import('./locate.cjs').Place} place
 * @returns {Promise<{ readonly file: string, readonly contents?: string }>} the file; its contents where it could not be kept
 */
export async function makeScript(script, place) {
  try {
    const output = await bundleScript(script);
    const file = join(place.folder, 'script.cjs');
    const isKept = await keep([output], place, (draft) => rehearse(script, draft));
    return isKept ? { file } : { file, contents: output.text };
  } finally {
    // Its process would keep this one waiting.
    await stop();
  }
}

/**
 * In a process of its own, which knows nothing of what this one is run with. However it ends: the script runs without.
 *
 * @param {Script} script
 * @param {string} folder
 */
async function rehearse({ rehearsal: { args, input } }, folder) {
  const program = fileURLToPath(new URL('rehearse.cjs', import.meta.url));
  const child = spawn(process.execPath, [program, join(folder, 'script.cjs'), ...args], {
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: 10_000,
  });
  child.stdin.on('error', () => undefined).end(input);
  await once(child, 'close');
}
