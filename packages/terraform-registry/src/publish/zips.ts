import { join } from 'node:path';
import { createReadStream } from 'node:fs';
import { unlink } from 'node:fs/promises';

import type { Archive } from '../archives/listing.js';
import type { OperationOptions } from '../content.js';
import { cacheControl, contentType, fileNames, keys } from '../documents/layout.js';
import type { Package } from '../documents/manifest.js';
import { TerraformRegistryError } from '../error.js';
import { sha256OfStored, type Registry } from '../registry.js';
import { inspectZip } from '../repack/inspect.js';
import { repack } from '../repack/repack.js';
import { writeScratch } from '../repack/scratch.js';
import { conflict, type PlannedObject, type WantedObject } from './planned.js';

/** A package, and the zip that it is. */
export interface PackedArchive {
  readonly package: Package;
  readonly zip: PlannedObject;
}

/**
 * Makes the zip of an archive in the scratch folder and compares it with what the registry has. A zip that is
 * there with the same files in it is kept even when it is compressed in other bytes, by another version
 * of zlib: so an interrupted release can be completed on another machine. Throws `conflict`.
 */
export async function packArchive(
  archive: Archive,
  registry: Registry,
  options: OperationOptions & { readonly scratchDirectory: string },
): Promise<PackedArchive> {
  const { name, sha256: archiveSha256 } = archive;
  const file = fileNames.zip(name, name.platform);
  const path = join(options.scratchDirectory, file);
  const content = { ...archive, content: archive.open(options) };
  const { content: zip, result } = repack(content, options);
  await writeScratch(path, zip, options);
  const { size, sha256, h1 } = result();
  const wanted: WantedObject = {
    key: keys.file(registry.address, name.version, file),
    size,
    sha256,
    contentType: contentType.zip,
    cacheControl: cacheControl.forever,
    body: { size, sha256, open: () => createReadStream(path) as AsyncIterable<Uint8Array> },
  };
  const planned = await plannedZip(registry, wanted, h1, options);
  const { platform } = name;
  const packed = {
    platform,
    size: planned.size,
    sha256: planned.sha256,
    h1,
    archive: archiveSha256,
  };
  return { package: packed, zip: planned };
}

async function plannedZip(
  { store }: Registry,
  wanted: WantedObject,
  h1: string,
  options: OperationOptions & { readonly scratchDirectory: string },
): Promise<PlannedObject> {
  const operation = options.signal && { signal: options.signal };
  const stored = await store.get(wanted.key, operation);
  if (stored === undefined) return { ...wanted, act: 'create' };
  const sha256 = await sha256OfStored(stored, operation);
  if (sha256 === wanted.sha256) return { ...wanted, act: 'keep' };
  const path = join(options.scratchDirectory, `stored-${sha256}.zip`);
  try {
    await writeScratch(path, stored.content(operation), options);
    const inspected = await inspectZip(path, `${store.name}/${wanted.key}`, options);
    if (inspected.h1 === h1) return { ...wanted, size: stored.size, sha256, act: 'keep' };
  } catch (error) {
    // What is no zip is not the same, and is told as what has other bytes.
    if (!(error instanceof TerraformRegistryError && error.code === 'zip-invalid')) throw error;
  } finally {
    await unlink(path).catch(() => undefined);
  }
  throw conflict(store, wanted, sha256);
}
