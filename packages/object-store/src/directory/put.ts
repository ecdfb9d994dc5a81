import { createHash, randomUUID } from 'node:crypto';
import { dirname } from 'node:path';

import { checked, streamed } from '../body.js';
import { alreadyExists, checkMode } from '../refusal.js';
import type { Body, PutOptions, Version } from '../store.js';
import { attributesDocument, type Attributes } from './attributes.js';
import { explained, explaining, isErrno } from './failure.js';
import { synchroniseFolder } from './folders.js';
import { withLock } from './lock.js';
import { lookUp } from './look-up.js';
import { internalFolder, type Place } from './place.js';
import { makeRoom } from './room.js';
import { identityOf, statusAt, type Identity } from './status.js';
import type { Surroundings } from './surroundings.js';
import { unfinishedPath } from './unfinished.js';

/**
 * Writes the content under another name, synchronised; then, under the lock, its attributes beside those
 * of the old content, and last gives it its name. `onWritten` is told of a file that was just written.
 */
export async function put(
  place: Place,
  body: Body,
  options: PutOptions,
  surroundings: Surroundings,
  onWritten: (file: string) => Promise<void>,
): Promise<Version> {
  const { fs } = surroundings;
  const internal = internalFolder(place.root);
  const temporary = unfinishedPath(internal, surroundings);
  try {
    const content = streamed(body);
    const bytes = checked(place.path, content, options);
    const { sha256, identity } = await writeSynchronised(temporary, bytes, surroundings);
    await onWritten(temporary);
    const version = randomUUID() as Version;
    const { contentType, cacheControl } = options;
    const next: Attributes = {
      version,
      ...identity,
      sha256,
      contentType,
      ...(cacheControl !== undefined && { cacheControl }),
    };
    await withLock(internal, surroundings, options, async (held) => {
      const current = await lookUp(place, surroundings, options);
      checkMode(place.path, options.mode, current?.info);
      await makeRoom(place, surroundings);
      const contents = current?.attributes ? [current.attributes, next] : [next];
      await writeAtomically(place, contents, surroundings);
      options.signal?.throwIfAborted();
      await held.confirm();
      await explaining('write it', place.path, named(temporary, place.path));
      await synchroniseFolder(dirname(place.path), surroundings);
    });
    return version;
  } finally {
    // What stays behind here is swept by a later writer, once this process has ended.
    await fs.unlink(temporary).catch(() => undefined);
  }

  /** `link` holds also against who does not know of the lock; `rename` replaces in one step. */
  async function named(from: string, to: string): Promise<void> {
    if (options.mode !== 'create') return fs.rename(from, to);
    await fs.link(from, to).catch((error: unknown) => {
      throw isErrno(error, 'EEXIST') ? alreadyExists(to, { cause: error }) : error;
    });
  }
}

async function writeAtomically(
  place: Place,
  contents: readonly Attributes[],
  surroundings: Surroundings,
): Promise<void> {
  const { fs } = surroundings;
  const temporary = unfinishedPath(internalFolder(place.root), surroundings);
  try {
    const document = attributesDocument(place.key, contents);
    await writeSynchronised(temporary, [document], surroundings);
    await explaining('write it', place.attributes, fs.rename(temporary, place.attributes));
  } catch (error) {
    await fs.unlink(temporary).catch(() => undefined);
    throw error;
  }
  await synchroniseFolder(dirname(place.attributes), surroundings);
}

async function writeSynchronised(
  path: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  surroundings: Surroundings,
): Promise<{ readonly sha256: string; readonly identity: Identity }> {
  const hash = createHash('sha256');
  const file = await explaining('write it', path, surroundings.fs.open(path, 'wx'));
  try {
    for await (const piece of content) {
      hash.update(piece);
      await explaining('write it', path, file.writeFile(piece));
    }
    await explaining('write it', path, file.sync());
  } finally {
    await explaining('write it', path, file.close());
  }
  // Not before it is closed: over a network that can still set the time.
  const status = await statusAt(path, surroundings);
  if (status === undefined) throw explained(goneError(path), 'write it', path);
  return { sha256: hash.digest('hex'), identity: identityOf(status) };
}

function goneError(path: string): Error {
  return Object.assign(new Error(`${path} is gone`), { code: 'ENOENT', syscall: 'lstat' });
}
