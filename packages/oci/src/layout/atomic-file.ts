import { dirname } from 'node:path';

import type { Content } from '../content.js';
import type { OperationOptions } from '../operation.js';
import { synchroniseDirectory } from './directory.js';
import { explained } from './failure.js';
import type { Surroundings } from './surroundings.js';
import { unfinishedPath } from './unfinished.js';

/**
 * Writes a file that is there with all its bytes, durably, or not at all: under another name in the
 * layout's folder first, synchronised, renamed. `confirm`, when given, may throw right before the rename.
 */
export async function writeAtomically(
  layout: string,
  path: string,
  content: Content,
  surroundings: Surroundings,
  options: OperationOptions & { readonly confirm?: () => Promise<void> } = {},
): Promise<void> {
  const { fs } = surroundings;
  const temporary = unfinishedPath(layout, surroundings);
  const source = watched(content);
  try {
    await writeSynchronised(temporary, source.content, surroundings, options);
    options.signal?.throwIfAborted();
    await options.confirm?.();
    await fs.rename(temporary, path);
  } catch (error) {
    // What stays behind here is swept by a later writer, once this process has ended.
    await fs.unlink(temporary).catch(() => undefined);
    throw source.failed() ? error : explained(error, 'write it', path);
  }
  await synchroniseDirectory(dirname(path), surroundings);
}

async function writeSynchronised(
  path: string,
  content: Content,
  { fs }: Surroundings,
  { signal }: OperationOptions,
): Promise<void> {
  const handle = await fs.open(path, 'wx');
  try {
    for await (const piece of content) {
      signal?.throwIfAborted();
      await handle.writeFile(piece);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Tells an error of the source (a network, say), which is passed on as it is, from one of the disk. */
function watched(content: Content): { content: Content; failed(): boolean } {
  let failed = false;
  async function* passed(): Content {
    try {
      yield* content;
    } catch (error) {
      failed = true;
      throw error;
    }
  }
  return { content: passed(), failed: () => failed };
}
