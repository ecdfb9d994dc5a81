/** Where and how programs of this workspace are run. */
export interface Workspace {
  /** The root of the checkout. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly programs: Programs;
}

/** Programs of the benchmark's own, for Node alone. */
export interface Programs {
  /** Runs one step. */
  readonly steps: string;
  /** Serves a registry. */
  readonly registry: string;
}
