import type { DownloadDocument } from '../documents/download.js';
import { keyAt, type RegistryReader } from '../verify/reader.js';

/** The key of the zip that a document leads to; `undefined` where that is elsewhere. */
export function ownZipOf(
  { downloadUrl }: DownloadDocument,
  key: string,
  reader: RegistryReader,
): string | undefined {
  const url = new URL(downloadUrl, new URL(key, reader.root));
  return reader.isOwn(url) ? keyAt(url) : undefined;
}
