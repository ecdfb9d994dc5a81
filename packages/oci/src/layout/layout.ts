import { join } from 'node:path';

import { contentOf } from '../content.js';
import { OciError } from '../error.js';
import { fault, parseJsonObject, requiredMember, stringOf, type Place } from '../json.js';
import { memoryRepository } from '../memory.js';
import { quoted } from '../quoted.js';
import type { OperationOptions } from '../operation.js';
import type { Repository } from '../repository.js';
import { writeAtomically } from './atomic-file.js';
import { layoutBlobs } from './blobs.js';
import { makeDirectory } from './directory.js';
import { corrupt, explained, isErrno } from './failure.js';
import { indexFile } from './index-file.js';
import { emptyIndex, formatIndex } from './layout-index.js';
import { lockName, withLock } from './lock.js';
import { layoutManifests } from './manifests.js';
import { fileSize, smallFile } from './read-file.js';
import { realSurroundings, type Surroundings } from './surroundings.js';
import { isUnfinished, sweep } from './unfinished.js';

/**
 * The image layout in a folder, which must be one. Any number of processes may read and write it at
 * once; opening changes nothing. Throws `layout-invalid`.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
 */
export async function openLayout(
  directory: string,
  options?: OperationOptions,
): Promise<Repository> {
  return openLayoutIn(await realSurroundings(), directory, options);
}

/**
 * The image layout in a folder, which becomes one if it is missing or empty. Throws `layout-invalid`
 * when something else is in it.
 */
export async function createLayout(
  directory: string,
  options?: OperationOptions,
): Promise<Repository> {
  return createLayoutIn(await realSurroundings(), directory, options);
}

/**
 * The image layout that `createLayout` would open, to be read and not written to: the one in the folder, or
 * an empty one where there is none yet. Changes nothing. Throws `layout-invalid` when something else is in it.
 */
export async function previewLayout(
  directory: string,
  options?: OperationOptions,
): Promise<Repository> {
  const surroundings = await realSurroundings();
  if (await isMarked(directory, surroundings))
    return openLayoutIn(surroundings, directory, options);
  options?.signal?.throwIfAborted();
  refuseOthers(directory, await list(directory, surroundings));
  return memoryRepository(directory);
}

export async function openLayoutIn(
  surroundings: Surroundings,
  directory: string,
  options?: OperationOptions,
): Promise<Repository> {
  options?.signal?.throwIfAborted();
  if (!(await isMarked(directory, surroundings))) {
    throw new OciError(
      'layout-invalid',
      `${directory}: is not an image layout, it has no file ${markerName}; check the path, or write the image first`,
    );
  }
  const index = indexFile(directory, surroundings);
  await index.read();
  return {
    name: directory,
    blobs: layoutBlobs(directory, surroundings),
    manifests: layoutManifests(directory, index, surroundings),
  };
}

export async function createLayoutIn(
  surroundings: Surroundings,
  directory: string,
  options?: OperationOptions,
): Promise<Repository> {
  options?.signal?.throwIfAborted();
  await makeDirectory(directory, surroundings);
  const marked = await isMarked(directory, surroundings);
  const names = await list(directory, surroundings);
  if (!marked) refuseOthers(directory, names);
  if (!marked || names.some(isLeftover)) {
    await withLock(directory, surroundings, options, async (held) => {
      await initialise(directory, surroundings);
      // What cannot be deleted (another user's) is in nobody's way.
      await sweep(directory, held.file, surroundings).catch(() => undefined);
    });
  }
  return openLayoutIn(surroundings, directory, options);
}

const markerName = 'oci-layout';
const indexName = 'index.json';
const blobsName = 'blobs';

/** The marker is written last: a folder that has it is complete. */
async function initialise(directory: string, surroundings: Surroundings): Promise<void> {
  await makeDirectory(join(directory, blobsName), surroundings);
  const marker = Buffer.from(JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  for (const [name, bytes] of [
    [indexName, formatIndex(emptyIndex)],
    [markerName, marker],
  ] as const) {
    const path = join(directory, name);
    // Somebody else may have been here before: a process that was faster, or one that was killed.
    if ((await fileSize(path, surroundings)) !== undefined) continue;
    await writeAtomically(directory, path, contentOf(bytes), surroundings);
  }
}

async function isMarked(directory: string, surroundings: Surroundings): Promise<boolean> {
  const path = join(directory, markerName);
  const bytes = await smallFile(path, surroundings, { limit: 4096 });
  if (bytes === undefined) return false;
  const place: Place = { where: path, code: 'layout-invalid' };
  try {
    const document = parseJsonObject(bytes, place);
    const version = requiredMember(document, 'imageLayoutVersion', stringOf, place);
    if (/^1\.\d+\.\d+$/.test(version)) return true;
    throw fault(place, `imageLayoutVersion ${quoted(version)} is not supported; expected "1.0.0"`);
  } catch (error) {
    throw error instanceof OciError ? corrupt(error.message, error) : error;
  }
}

async function list(directory: string, { fs }: Surroundings): Promise<readonly string[]> {
  try {
    return await fs.readdir(directory);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw explained(error, 'list it', directory);
  }
}

/** A folder that is not a layout may hold what a killed process left of one, and nothing else. */
function refuseOthers(directory: string, names: readonly string[]): void {
  const ours = [blobsName, indexName, markerName];
  const other = names.find((name) => !ours.includes(name) && !isLeftover(name));
  if (other === undefined) return;
  throw new OciError(
    'layout-invalid',
    `${directory}: has ${quoted(other)} in it and is not an image layout; choose an empty folder`,
  );
}

/** What is in work, or was when its process was killed. */
function isLeftover(name: string): boolean {
  return name === lockName || isUnfinished(name);
}
