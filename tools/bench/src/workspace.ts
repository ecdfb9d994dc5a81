/** Where and how programs of this workspace are run. */
export interface Workspace {
  /** The root of the checkout. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** What Node needs to run TypeScript sources. */
  readonly typescript: readonly string[];
  /** The program that runs a step, for Node alone. */
  readonly steps: string;
}
