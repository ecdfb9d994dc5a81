#!/usr/bin/env node
/** Starts with-secrets, whose sources are TypeScript. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { bundleOf } from '@teleport-plugins/source-bundle';

/** As of the program itself, and of `env`, `timeout` and `docker run`: it is not the command that failed. */
const ownFailure = 125;

const packageRoot = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  await import(await bundleOf({ packageRoot, entryPoints: { main: 'src/main.ts' } }, 'main'));
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `with-secrets: the program cannot be loaded: ${why}\nrun \`npm ci\` in the workspace\n`,
  );
  process.exitCode = ownFailure;
}
