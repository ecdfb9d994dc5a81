/** Why a step stops. */
export type StepErrorCode =
  /** A command line that Nx would carry out as another one. */
  | 'command-line-invalid'
  /** Options that do not go together, or one with a value that it cannot have. */
  | 'option-invalid'
  /** A target of another kind of plugin. */
  | 'kind-wrong'
  /** An environment variable has a value that it cannot have. */
  | 'variable-invalid'
  /** A program that the step needs is not there. */
  | 'program-missing'
  /** A program that the step ran did not succeed. */
  | 'program-failed'
  /** The sources cannot be bundled. */
  | 'bundle-failed'
  /** A folder or file of `dist` cannot be written. */
  | 'output-unwritable'
  /** A folder of programs is not one, or not of the platforms that the provider declares. */
  | 'binaries-invalid'
  /** What an earlier step leaves behind is not there, or not whole. */
  | 'not-built'
  /** The version is not the working tree's, and what would be needed of it is not there. */
  | 'other-version'
  /** A registry of Amazon's has no repository for the image, and the step may not create one. */
  | 'repository-missing'
  /** The environment does not say where archives or a Terraform registry are. */
  | 'store-undeclared'
  /** A signing key is not where the environment says. */
  | 'key-missing'
  /** What stands for a real thing, in a protected environment. */
  | 'sample-refused'
  /** The archives of a release are not all in the store of artifacts. */
  | 'not-pushed'
  /** The version is not in the staging registry. */
  | 'not-staged'
  /** The version is there already, with other bytes. */
  | 'digest-differs'
  /** Clients of a Terraform registry would refuse something of it. */
  | 'registry-damaged'
  /** A registry was repaired as far as can be, and needs a person for the rest. */
  | 'repair-incomplete'
  /** An act that breaks others, and that has not been confirmed. */
  | 'not-confirmed'
  /** The server of a store overwrites what it was asked to create. */
  | 'conditions-ignored'
  /** There is an archive of the version that the working tree does not build. */
  | 'archives-differ'
  /** A floating tag that somebody else moves elsewhere whenever it is set. */
  | 'tag-contested'
  /** What a step did is done, and could not be written down. */
  | 'receipt-missing'
  /** The base of an image is needed, and not there any more. */
  | 'base-missing'
  /** There is no engine to load an image into. */
  | 'engine-missing'
  /** Something else listens on a port that is to be served on. */
  | 'port-taken'
  /** The environment has no registry that could be served. */
  | 'nothing-to-serve'
  /** The environment has no registry that a credential helper could sign in to. */
  | 'nothing-to-sign-in-to'
  /** In the place of a program of this project there is another one. */
  | 'program-foreign'
  /** Somebody pressed Ctrl-C, or Nx stopped the step. */
  | 'interrupted';

/** The one error of this package: what, where and the next act in `message`, the original in `cause`. */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly code: StepErrorCode;

  constructor(code: StepErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
