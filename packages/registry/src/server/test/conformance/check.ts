/** What a test asks of a registry. */
interface Subject {
  readonly host: string;
  /** A repository that no other test uses. */
  readonly repository: string;
}

/** Declares a test that a registry which lacks the capability fails. */
export type Check = (
  title: string,
  run: (subject: Subject) => Promise<void>,
  capability?: Capability,
) => void;

/** What a registry may lack. */
export type Capability =
  | 'child-sizes'
  | 'chunk-ranges'
  | 'exclusive-tags'
  | 'manifest-limit'
  | 'manifest-strictness'
  | 'nondistributable-layers'
  | 'mount-without-source'
  | 'range-refusal'
  | 'referrers'
  | 'single-post'
  | 'tag-deletion'
  | 'tag-order'
  | 'tag-paging';

/** The code of the first error in an answer's body. */
export function errorCode(reply: { json(): unknown }): string | undefined {
  const { errors } = reply.json() as { errors: readonly { code: string }[] };
  return errors[0]?.code;
}
