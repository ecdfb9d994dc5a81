import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/!(plugins)', 'packages/plugins/*', 'tools/*'],
    reporters: ['default', './tools/ci/closing-line.ts'],
  },
});
