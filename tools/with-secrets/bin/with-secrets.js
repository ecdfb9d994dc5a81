#!/usr/bin/env node
/**
 * Starts with-secrets, whose sources are TypeScript, which Node 20 does not run. A loader for it would take
 * several times as long as everything else: the program is bundled once, and found in a cache after that.
 */
import { pathToFileURL } from 'node:url';

import { cachedBundle } from './cache.js';

/** As of the program itself, and of `env`, `timeout` and `docker run`: it is not the command that failed. */
const ownFailure = 125;

try {
  const found = cachedBundle();
  const { href } = found.isThere
    ? pathToFileURL(found.path)
    : await (await import('./bundle.js')).makeBundle(found);
  await import(href);
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `with-secrets: the program cannot be loaded: ${why}\nrun \`npm ci\` in the workspace\n`,
  );
  process.exitCode = ownFailure;
}
