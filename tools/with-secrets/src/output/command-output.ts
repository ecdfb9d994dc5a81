/** Where a command writes, and what comes of it. */
export interface CommandOutput {
  /** For its standard output and error. */
  readonly files: readonly [stdout: number | 'inherit', stderr: number | 'inherit'];
  /** What the command is told of it, unless the caller has decided otherwise. */
  readonly variables: Readonly<Record<string, string>>;
  /** A folder to remove, should this process be killed. */
  readonly folder?: string;
  /** Called once the command has the files, and runs. */
  started(): void;
  /** Removes and closes all but the output itself, once the command has ended, or could not start. */
  close(): void;
  /** After that, hands on the rest of what the command has written; `false` when another process still writes there. */
  finish(): Promise<boolean>;
}

/** To where with-secrets itself writes. */
export const plainOutput: CommandOutput = {
  files: ['inherit', 'inherit'],
  variables: {},
  started: () => undefined,
  close: () => undefined,
  finish: () => Promise.resolve(true),
};
