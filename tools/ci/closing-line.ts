import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/**
 * A vitest reporter that names what was skipped, whose names and notes say why, and ends the run with
 * `N passed, N failed, N skipped` alone on a line, for CI. A file that could not be loaded and an error outside any test
 * count as failed tests.
 */
export default class ClosingLine implements Reporter {
  /** Where some tests were chosen by their names, all others are skipped for that. */
  #isChosen = false;

  onInit({ config }: Vitest): void {
    this.#isChosen = config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        counts[test.result().state] += 1;
        if (!this.#isChosen && test.result().state === 'skipped') console.log(skipped(test));
      }
    }
    const { passed, failed, skipped: left, pending } = counts;
    console.log(`${passed} passed, ${failed + pending} failed, ${left} skipped`);
  }
}

function skipped(test: TestCase): string {
  const result = test.result();
  const note = 'note' in result && result.note !== undefined ? `: ${result.note}` : '';
  return `skipped ${test.project.name} ${test.fullName}${note}`;
}
