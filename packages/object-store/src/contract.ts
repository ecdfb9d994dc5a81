import { describe } from 'vitest';

import { conditionContract } from './contract/condition-contract.js';
import { copyContract } from './contract/copy-contract.js';
import { keyContract } from './contract/key-contract.js';
import { listContract } from './contract/list-contract.js';
import { objectContract } from './contract/object-contract.js';
import type { ObjectStore } from './index.js';

/**
 * The tests that every implementation of `ObjectStore` passes. `open` gives a new, empty one to each;
 * what it needs to clean up it registers with vitest's `onTestFinished`. Errors are compared by their
 * `code`, which is that of an `ObjectStoreError`.
 */
export function objectStoreContract(
  describeName: string,
  open: () => Promise<ObjectStore>,
  options: {
    /** Whether the server behind it honours conditions; if not, `honoursConditions` must say so. */
    readonly conditions?: boolean;
    /** Keys that a server of others does not keep, though it should. */
    readonly unsupportedKeys?: readonly string[];
  } = {},
): void {
  describe(describeName, () => {
    objectContract(open);
    keyContract(open, options.unsupportedKeys ?? []);
    listContract(open);
    copyContract(open);
    conditionContract(open, { honoured: options.conditions ?? true });
  });
}
