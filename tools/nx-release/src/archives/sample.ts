import { constants, gunzipSync } from 'node:zlib';

import type { ProviderPlatform, ProviderPlugin } from '@teleport-plugins/release';
import { platformKey, type ReleaseArchives } from '@teleport-plugins/terraform-registry';

const mark = 'This is a sample, and no Terraform provider';

/**
 * What stands for a provider's program where releases are tried out. It says so to whoever runs or reads it,
 * and `samplesIn` tells it from every real one.
 */
export function sampleProgram(
  { provider, version }: ProviderPlugin,
  platform: ProviderPlatform,
): Uint8Array {
  const stands = `it stands for ${provider.namespace}/${provider.type} ${version} on ${platformKey(platform)}`;
  const text = `${mark}: ${stands}, where releases are tried out.`;
  const script =
    platform.os === 'windows'
      ? `@echo off\r\necho ${text}\r\nexit /b 1\r\n`
      : `#!/bin/sh\necho '${text}' >&2\nexit 1\n`;
  return Buffer.from(script);
}

/** The archives that hold a sample, whatever they are named and whoever made them. */
export async function samplesIn(
  { archives }: ReleaseArchives,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const archive of archives) {
    const beginning = unzipped(await beginningOf(archive.open({ signal })));
    if (beginning.subarray(0, searched).includes(mark)) found.push(archive.file);
  }
  return found;
}

/** Of an archive: a sample is small, and alone in it. */
const searched = 4096;

async function beginningOf(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of content) {
    pieces.push(piece);
    size += piece.length;
    if (size >= searched) break;
  }
  return Buffer.concat(pieces);
}

/** As far as it goes; nothing of what is no gzip, which is not a sample either. */
function unzipped(beginning: Uint8Array): Buffer {
  try {
    return gunzipSync(beginning, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}
