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
    /** What a server of others does not do; `honoursConditions` must find out that of conditions. */
    readonly lacks?: readonly Lack[];
  } = {},
): void {
  const has = (feature: Lack): boolean => options.lacks?.includes(feature) !== true;
  describe(describeName, () => {
    objectContract(open, { cacheControl: has('cache control') });
    keyContract(open);
    listContract(open, { inOrder: has('order') });
    copyContract(open, { cacheControl: has('cache control'), conditions: has('conditions') });
    conditionContract(open, { honoured: has('conditions') });
  });
}

type Lack = 'conditions' | 'cache control' | 'order';
