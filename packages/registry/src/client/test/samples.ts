import {
  descriptorOf,
  mediaType,
  readAll,
  type Content,
  type Descriptor,
} from '@teleport-plugins/oci';

/** A blob of a size, of bytes that are not all the same. */
export function blobOf(size: number): { readonly bytes: Buffer; readonly blob: Descriptor } {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 31 + (at >> 8)) % 251;
  return { bytes, blob: descriptorOf(mediaType.ociLayerTar, bytes) };
}

/** A manifest without layers. */
export function manifestOf(members: Readonly<Record<string, unknown>> = {}): {
  readonly bytes: Buffer;
  readonly manifest: Descriptor;
} {
  const config = descriptorOf(mediaType.ociEmpty, Buffer.from('{}'));
  const type = mediaType.ociManifest;
  const document = { schemaVersion: 2, mediaType: type, config, layers: [], ...members };
  const bytes = Buffer.from(JSON.stringify(document));
  return { bytes, manifest: descriptorOf(type, bytes) };
}

export async function bytesOf(content: Content): Promise<Buffer> {
  return Buffer.from(await readAll(content, { limit: 64 * 1024 * 1024 }));
}
