import { join } from 'node:path';

import { contentOf } from '../content.js';
import type { OperationOptions } from '../operation.js';
import { writeAtomically } from './atomic-file.js';
import { corrupt } from './failure.js';
import { formatIndex, parseIndex, type LayoutIndex } from './layout-index.js';
import { withLock } from './lock.js';
import { smallFile } from './read-file.js';
import type { Surroundings } from './surroundings.js';

/** The `index.json` of a layout, which several processes may read and change at once. */
export interface IndexFile {
  readonly path: string;
  read(): Promise<LayoutIndex>;
  /** Replaces the index by what `edit` makes of it. Nothing is written when that is the same. */
  update(edit: Edit, options?: OperationOptions): Promise<void>;
}

/** Is called again when another process was faster. */
type Edit = (index: LayoutIndex) => Promise<LayoutIndex>;

export function indexFile(layout: string, surroundings: Surroundings): IndexFile {
  const path = join(layout, 'index.json');
  /** Updates of this process queue here, rather than by trying the lock again and again. */
  let queue: Promise<unknown> = Promise.resolve();

  const read = async (): Promise<LayoutIndex> => {
    const bytes = await smallFile(path, surroundings, { limit: sizeLimit });
    if (bytes === undefined) throw corrupt(`${path}: is missing`);
    return parseIndex(bytes, path);
  };

  const updateLocked = (edit: Edit, options: OperationOptions | undefined): Promise<void> =>
    withLock(layout, surroundings, options, async (held) => {
      const current = await read();
      const bytes = formatIndex(await edit(current));
      if (equal(bytes, formatIndex(current))) return;
      await writeAtomically(layout, path, contentOf(bytes), surroundings, {
        ...options,
        confirm: () => held.confirm(),
      });
    });

  return {
    path,
    read,
    async update(edit, options) {
      const update = async (): Promise<void> => {
        options?.signal?.throwIfAborted();
        const current = await read();
        if (equal(formatIndex(await edit(current)), formatIndex(current))) return;
        await updateLocked(edit, options);
      };
      const turn = queue.then(update);
      queue = turn.catch(() => undefined);
      await turn;
    },
  };
}

/** In bytes. An index of this size lists some 300 000 manifests. */
const sizeLimit = 64 * 1024 * 1024;

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
