import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  children,
  digestOf,
  parseDescriptor,
  parseManifest,
  splitDigest,
  type Descriptor,
  type OperationOptions,
  type Repository,
} from '@teleport-plugins/oci';

import { openBaseCache } from './base-cache.js';
import { hostBaseReference, type BaseImage } from './base.js';
import { assembleHostImage, hostImageForm } from './host-image.js';
import { hostRuntime, type HostOptions, type HostRuntime } from './host-runtime.js';

/**
 * A base made of the Node that runs here and the libraries it loads, for where there is no network.
 * The bytes are the same for the same Node and libraries. It is assembled once and kept in the cache.
 * Not for publishing: nobody else can look up what is in it. Throws `host-unsupported` where it cannot
 * be made, which is everywhere but on Linux; reading it throws `base-damaged` when the cache has other
 * bytes, which a second call then makes again.
 */
export async function hostBase(
  cacheDirectory: string,
  options: HostOptions = {},
): Promise<BaseImage> {
  const runtime = await hostRuntime(options);
  const repository = await openBaseCache(cacheDirectory, options);
  const { hex } = splitDigest(digestOf(Buffer.from(keyOf(runtime))));
  const note = join(cacheDirectory, `host-${hex}.json`);

  const assembled = await recall(note, repository, options);
  if (assembled) return { reference: hostBaseReference, index: assembled, repository };
  const index = await assembleHostImage(runtime, repository, options);
  await remember(note, index);
  return { reference: hostBaseReference, index, repository };
}

/**
 * Lines that differ when the host base would: its form, its Node and libraries by path, size and time.
 * Cheap, no file is read: an input for the cache of whatever is built on it.
 */
export async function hostBaseKey(options: HostOptions = {}): Promise<string> {
  return keyOf(await hostRuntime(options));
}

function keyOf({ version, files }: HostRuntime): string {
  const lines = files.map(
    ({ path, file, size, modified }) => `${path} ${file} ${size} ${modified}`,
  );
  return [`host base, form ${hostImageForm}`, `node ${version}`, ...lines, ''].join('\n');
}

/** The index that was noted, unless the cache has lost a part of the image: then it is made again. */
async function recall(
  note: string,
  repository: Repository,
  options: OperationOptions,
): Promise<Descriptor | undefined> {
  try {
    const index = parseDescriptor(JSON.parse(await readFile(note, 'utf8')), note);
    return (await isComplete(index, repository, options)) ? index : undefined;
  } catch {
    options.signal?.throwIfAborted();
    return undefined;
  }
}

async function isComplete(
  root: Descriptor,
  repository: Repository,
  options: OperationOptions,
): Promise<boolean> {
  const bytes = await repository.manifests.fetch(root, options);
  const { manifests, blobs } = children(parseManifest(root, bytes));
  for (const blob of blobs) if (!(await repository.blobs.exists(blob, options))) return false;
  for (const each of manifests) if (!(await isComplete(each, repository, options))) return false;
  return true;
}

/** In place at once, so that another process reads the whole or nothing. */
async function remember(note: string, index: Descriptor): Promise<void> {
  const draft = `${note}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(index));
  await rename(draft, note);
}
