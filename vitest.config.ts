import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

/** Every workspace package, by the name of its folder: `vitest run --project oci`. */
const projects = ['packages', 'packages/plugins', 'tools']
  .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(parent, name)))
  .filter((folder) => existsSync(join(root, folder, 'package.json')))
  .map((folder) => ({
    extends: true as const,
    test: { name: basename(folder), root: join(root, folder) },
  }));

export default defineConfig({
  test: {
    projects,
    // As the steps set it; the warning would stand between the results.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    reporters: ['default', './tools/ci/closing-line.ts'],
    // Left alone, Vitest keeps one core for itself, which on two cores is half of them.
    maxWorkers: '100%',
    // No test replaces a module or changes what its process has: files share one, which halves what loading them costs.
    isolate: false,
    // Many tests start programs, and share the machine with all others; a limit only ends what hangs.
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
