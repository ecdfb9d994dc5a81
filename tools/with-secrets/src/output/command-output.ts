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
  /**
   * Called once the command has ended, with its group. Hands on the rest of what it has written; `false` when another
   * process still writes there.
   */
  finish(): Promise<boolean>;
  /** Closes and removes what there is, also where no command was started. */
  close(): void;
}

/** To where with-secrets itself writes. */
export const plainOutput: CommandOutput = {
  files: ['inherit', 'inherit'],
  variables: {},
  started: () => undefined,
  finish: () => Promise.resolve(true),
  close: () => undefined,
};
