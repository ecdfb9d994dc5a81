import { dockerArchive } from '@teleport-plugins/image';
import type {
  Descriptor,
  ImageManifest,
  OperationOptions,
  Platform,
  Repository,
} from '@teleport-plugins/oci';
import type { Shell } from 'zx/core';

import { feed } from '../programs.js';
import type { Engine } from './engine.js';

/** An image for an engine: for one platform, and what the engine shall call it. */
export interface Loaded {
  readonly from: Repository;
  readonly image: Descriptor;
  readonly platform: Platform;
  /** `name:tag`, with or without a registry. */
  readonly name: string;
}

/** What an engine gets of an image for one platform: the config and the layers, each once. */
export function blobsOf({ config, layers }: ImageManifest): readonly Descriptor[] {
  return [...new Map([config, ...layers].map((blob) => [blob.digest, blob])).values()];
}

/** In bytes. */
export function sizeOf(blobs: readonly Descriptor[]): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Streams an image into an engine. Every byte is verified against its digest on the way; the engine does
 * not get the whole of an image that is damaged, and so does not take it.
 */
export async function loadInto(
  run: Shell,
  engine: Engine,
  { from, image, platform, name }: Loaded,
  options: OperationOptions,
): Promise<void> {
  await feed(dockerArchive(from, image, platform, name, options), run`${engine.name} load`);
}

/**
 * What an engine calls the image itself that has a name there: the digest of its config, or of its
 * manifest where containerd keeps the images. `undefined` when there is none, or the engine does not say.
 */
export async function loadedImage(
  run: Shell,
  engine: Engine,
  name: string,
): Promise<string | undefined> {
  const inspect = run({
    nothrow: true,
  })`${engine.name} image inspect --format ${'{{.Id}}'} ${name}`;
  const { exitCode, stdout } = await inspect;
  const id = stdout.trim();
  if (exitCode !== 0 || id === '') return undefined;
  // Podman leaves the algorithm out.
  return id.includes(':') ? id : `sha256:${id}`;
}
