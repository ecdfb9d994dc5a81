import { contentOf } from '@teleport-plugins/oci';

import type { Answer } from '../answer.js';
import { routeOf } from '../routes.js';
import type { Store } from '../store.js';
import { location, withQuery, type Piece, type TestImage } from './content.js';

/** One request to a store, without a server in between. Throws what a server would answer an error for. */
export async function exchange(
  store: Store,
  method: string,
  target: string,
  parts: { headers?: Readonly<Record<string, string>>; body?: Uint8Array } = {},
): Promise<Answer> {
  const { handler, ...route } = routeOf(method, target, { readOnly: false });
  const { headers = {}, body = new Uint8Array() } = parts;
  return handler(store, { ...route, method, headers, body: contentOf(body) });
}

export async function storeBlob(store: Store, repository: string, blob: Piece): Promise<Answer> {
  const begun = await exchange(store, 'POST', `/v2/${repository}/blobs/uploads/`);
  const path = withQuery(location(begun), { digest: blob.descriptor.digest });
  return exchange(store, 'PUT', path, { body: blob.bytes });
}

export async function storeManifest(
  store: Store,
  repository: string,
  manifest: Piece,
  reference: string = manifest.descriptor.digest,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const path = `/v2/${repository}/manifests/${reference}`;
  return exchange(store, 'PUT', path, { headers, body: manifest.bytes });
}

export async function storeImage(
  store: Store,
  repository: string,
  image: TestImage,
  reference?: string,
): Promise<Answer> {
  await storeBlobs(store, repository, image);
  return storeManifest(store, repository, image.manifest, reference);
}

/** All of an image but its manifest. */
export async function storeBlobs(
  store: Store,
  repository: string,
  { config, layers }: TestImage,
): Promise<void> {
  for (const blob of [config, ...layers]) await storeBlob(store, repository, blob);
}
