import { join } from 'node:path';

import { build } from 'esbuild';

/**
 * Bundles all steps into one file of a folder, and returns its path. A process that runs it is Node and the
 * code that is measured: the loader of TypeScript sources takes more memory than most steps do.
 */
export async function bundleSteps(root: string, folder: string): Promise<string> {
  const outfile = join(folder, 'steps.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    tsconfigRaw: {},
    logLevel: 'silent',
    banner: { js: banner },
  });
  return outfile;
}

/** CommonJS packages in an ES module call `require` for what is built into Node. */
const banner = `import { createRequire as __createRequire } from 'node:module';
globalThis.require ??= __createRequire(import.meta.url);`;
