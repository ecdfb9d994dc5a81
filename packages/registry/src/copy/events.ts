import type { Descriptor } from '@teleport-plugins/oci';

/** What a copy does with a blob or manifest. */
export type CopyAction =
  | 'copy'
  /** Made available from another repository of the same registry; copied where that is refused. */
  | 'mount'
  /** It is there already. */
  | 'skip';

/** What a copy has done with it. */
export type Outcome = 'copied' | 'mounted' | 'skipped';

/**
 * What happens during a copy. All `found` come before anything is written, so that their sizes are
 * the whole of which `copying` tells a part.
 */
export type CopyEvent =
  | { readonly kind: 'found'; readonly descriptor: Descriptor; readonly action: CopyAction }
  /** `bytes` of the blob have been handed to the destination so far; fewer again when it is repeated. */
  | { readonly kind: 'copying'; readonly descriptor: Descriptor; readonly bytes: number }
  | { readonly kind: Outcome; readonly descriptor: Descriptor };

/** How many blobs and manifests, and their sizes in bytes. */
export interface Tally {
  readonly count: number;
  readonly bytes: number;
}

/** The sum of some descriptors. */
export function tallyOf(descriptors: readonly Descriptor[]): Tally {
  const bytes = descriptors.reduce((sum, { size }) => sum + size, 0);
  return Object.freeze({ count: descriptors.length, bytes });
}
