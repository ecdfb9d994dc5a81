import { defineProject } from 'vitest/config';

// Steps run programs, serve registries and, in test/, Nx itself, beside all other tests on two cores.
export default defineProject({
  test: { name: '@teleport-plugins/nx-release', testTimeout: 60_000, hookTimeout: 180_000 },
});
