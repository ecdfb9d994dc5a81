import { describe } from 'vitest';

import { blobContract } from './contract/blob-contract.js';
import { manifestContract } from './contract/manifest-contract.js';
import { tagContract } from './contract/tag-contract.js';
import type { Repository } from './index.js';

/**
 * The tests that every implementation of `Repository` passes. `open` gives a new, empty one to each;
 * what it needs to clean up it registers with vitest's `onTestFinished`. Errors are compared by their
 * `code`, which is that of an `OciError` whatever class they are of.
 */
export function repositoryContract(
  describeName: string,
  open: () => Promise<Repository>,
  options: {
    /** Whether an exclusive tag is atomic here; not so in registries other than the embedded one. */
    readonly exclusiveTags?: boolean;
  } = {},
): void {
  describe(describeName, () => {
    blobContract(open);
    manifestContract(open);
    tagContract(open, { exclusiveTags: options.exclusiveTags ?? true });
  });
}
