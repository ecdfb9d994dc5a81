import { RegistryError } from '../error.js';

/** A step at the side that is read. `doing` is for people: "reading blob sha256:… from host/name". */
export function atSource<Result>(
  doing: string,
  signal: AbortSignal,
  step: () => Promise<Result>,
): Promise<Result> {
  return step().catch((error: unknown) => {
    throw sourceFailure(doing, signal, error);
  });
}

/** A step at the side that is written. `doing` is for people: "writing blob sha256:… to host/name". */
export function atDestination<Result>(
  doing: string,
  signal: AbortSignal,
  step: () => Promise<Result>,
): Promise<Result> {
  return step().catch((error: unknown) => {
    throw failure('destination-failed', doing, signal, error);
  });
}

/** What to throw for a failure of the side that is read. */
export function sourceFailure(doing: string, signal: AbortSignal, cause: unknown): unknown {
  return failure('source-failed', doing, signal, cause);
}

function failure(
  code: 'source-failed' | 'destination-failed',
  doing: string,
  signal: AbortSignal,
  cause: unknown,
): unknown {
  // Who aborted knows why: that is reported, not what it broke.
  if (signal.aborted) return signal.reason;
  if (isTold(cause)) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const { transient = false, retryAfter } = cause instanceof RegistryError ? cause : {};
  return new RegistryError(code, `${doing} failed: ${why}`, { cause, transient, retryAfter });
}

/** Whether an error says already which side failed. */
function isTold(error: unknown): boolean {
  return (
    error instanceof RegistryError &&
    (error.code === 'source-failed' || error.code === 'destination-failed')
  );
}
