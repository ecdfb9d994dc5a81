import type { ExecutorContext } from '@nx/devkit';

import type { Host } from '../host.js';

/**
 * Runs the story of a step, which ends with one line that sums it up, unless it has printed something for
 * programs, or fails with one message: what, where and the next act. The stack and the causes are shown with `--verbose`.
 */
export async function runStep(
  context: ExecutorContext,
  host: Host,
  story: () => Promise<string | undefined>,
): Promise<{ success: boolean }> {
  try {
    let summary: string | undefined;
    try {
      summary = await story();
    } finally {
      await host.close();
    }
    if (summary !== undefined) {
      host.print(`${host.color ? '\x1b[32m✔\x1b[0m' : '✔'} ${summary}`);
    }
    return { success: true };
  } catch (error) {
    host.printError(`${host.color ? '\x1b[31m✘\x1b[0m' : '✘'} ${explain(error, context, host)}`);
    return { success: false };
  }
}

function explain(thrown: unknown, { isVerbose }: ExecutorContext, { signal }: Host): string {
  // Who was told to stop says so, and not what that broke.
  const error: unknown = signal.aborted ? signal.reason : thrown;
  if (!(error instanceof Error)) return String(error);
  return isVerbose ? inspect(error) : error.message || error.name;
}

/** Stacks of the error and its causes; unlike `util.inspect` without the values that hang on them. */
function inspect(error: Error): string {
  const stack = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? `${stack}\nbecause of ${inspect(error.cause)}` : stack;
}
