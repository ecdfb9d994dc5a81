/** Which secrets a program is given, and what happens to variables that are there. */
export interface Selection {
  /** Those of these names; without `only` and `prefix`, all. */
  readonly only?: readonly string[] | undefined;
  /** Those whose names begin with it, and those in `only`. Names stay as they are. */
  readonly prefix?: string | undefined;
  /** Those of these names have to be there, and not to be empty. They are selected, too. */
  readonly require?: readonly string[] | undefined;
  /** Variables of these names that are there already are replaced. */
  readonly override?: readonly string[] | undefined;
  /** All others that are there keep their values, and are given with those. Without it they are refused. */
  readonly keepExisting?: boolean | undefined;
}

/** The variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>;
