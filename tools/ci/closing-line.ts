import type { Reporter, TestModule } from 'vitest/node';

/**
 * A vitest reporter that ends the run with `N passed, N failed, N skipped` alone on a line, for CI.
 * A file that could not be loaded and an error outside any test count as failed tests.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
    }
    const { passed, failed, skipped, pending } = counts;
    console.log(`${passed} passed, ${failed + pending} failed, ${skipped} skipped`);
  }
}
