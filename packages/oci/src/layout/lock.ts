import { folderLock } from '@teleport-plugins/folder-lock';

import { OciError } from '../error.js';
import { explained } from './failure.js';
import type { Surroundings } from './surroundings.js';
import { unfinishedPath } from './unfinished.js';

export const lockName = '.lock';

/**
 * Does work while no other process does any in the same layout. Throws `layout-locked` when somebody holds
 * it for more than a minute, or when it was lost.
 */
export const withLock = folderLock<Surroundings>({
  name: lockName,
  unfinishedPath,
  locked: (message, cause) => new OciError('layout-locked', message, { cause }),
  explained,
});
