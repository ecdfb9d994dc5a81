import { folderLock } from '@teleport-plugins/folder-lock';

import { ObjectStoreError } from '../error.js';
import { explained } from './failure.js';
import type { Surroundings } from './surroundings.js';
import { unfinishedPath } from './unfinished.js';

/**
 * Does work while no other process does any in the same directory. Throws `locked` when somebody holds it
 * for more than a minute, or when it was lost.
 */
export const withLock = folderLock<Surroundings>({
  name: 'lock',
  unfinishedPath,
  locked: (message, cause) => new ObjectStoreError('locked', message, { cause }),
  explained,
});
