/** From the least to the most important. */
export const severities = ['debug', 'info', 'warn', 'error'] as const;
type Severity = (typeof severities)[number];

/** Values of a log line; a Secret in them prints masked. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logging. */
export type Log = Readonly<Record<Severity, (message: string, fields?: LogFields) => void>>;

export interface LogOptions {
  readonly write: (line: string) => void;
  readonly now: () => number;
  /** Lines below it are not written. */
  readonly severity: Severity;
}

/** A log of one JSON object per line: `time`, `severity`, `message`, then the fields. */
export function createLog({ write, now, severity }: LogOptions): Log {
  const least = severities.indexOf(severity);
  const entries = severities.map((each, index) => [
    each,
    (message: string, fields: LogFields = {}) => {
      if (index < least) return;
      const time = new Date(now()).toISOString();
      write(`${JSON.stringify({ time, severity: each, message, ...fields })}\n`);
    },
  ]);
  return Object.fromEntries(entries) as Log;
}
