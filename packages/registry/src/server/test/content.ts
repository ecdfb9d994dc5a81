import { descriptorOf, mediaType, type Descriptor } from '@teleport-plugins/oci';

import { call, type Reply } from './http.js';

/** Bytes and what names them. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

export interface TestImage {
  readonly config: Piece;
  readonly layers: readonly Piece[];
  readonly manifest: Piece;
}

export function piece(type: string, content: string | Uint8Array): Piece {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return { bytes, descriptor: descriptorOf(type, bytes) };
}

export function layer(text: string): Piece {
  return piece(mediaType.ociLayerTar, text);
}

export interface ManifestParts {
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function image(name: string, parts: ManifestParts = {}): TestImage {
  const config = piece(
    mediaType.ociConfig,
    JSON.stringify({ os: 'linux', architecture: 'amd64', comment: name }),
  );
  const layers = [layer(`${name}: base`), layer(`${name}: application`)];
  const manifest = piece(
    mediaType.ociManifest,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaType.ociManifest,
      config: config.descriptor,
      layers: layers.map((each) => each.descriptor),
      ...parts,
    }),
  );
  return { config, layers, manifest };
}

export function index(manifests: readonly Descriptor[], parts: ManifestParts = {}): Piece {
  return piece(
    mediaType.ociIndex,
    JSON.stringify({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests, ...parts }),
  );
}

/** The address that an answer leads to, as a path on the same host. */
export function location({
  headers,
}: {
  readonly headers?: { readonly location?: string | undefined };
}): string {
  const url = new URL(headers?.location ?? '', 'http://registry');
  return url.pathname + url.search;
}

export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  return `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(query).toString()}`;
}

export async function beginUpload(host: string, repository: string): Promise<string> {
  return location(await call(host, 'POST', `/v2/${repository}/blobs/uploads/`));
}

export async function pushBlob(host: string, repository: string, blob: Piece): Promise<Reply> {
  const path = withQuery(await beginUpload(host, repository), {
    digest: blob.descriptor.digest,
  });
  const headers = { 'content-type': 'application/octet-stream' };
  return call(host, 'PUT', path, { headers, body: blob.bytes });
}

export async function pushManifest(
  host: string,
  repository: string,
  manifest: Piece,
  reference: string = manifest.descriptor.digest,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return call(host, 'PUT', `/v2/${repository}/manifests/${reference}`, {
    headers: { 'content-type': manifest.descriptor.mediaType, ...headers },
    body: manifest.bytes,
  });
}

/** A manifest, whatever its type: some registries convert what a client does not say that it accepts. */
export async function pullManifest(
  host: string,
  repository: string,
  reference: string,
  method: 'GET' | 'HEAD' = 'GET',
): Promise<Reply> {
  const accept = [
    mediaType.ociManifest,
    mediaType.ociIndex,
    mediaType.dockerManifest,
    mediaType.dockerManifestList,
  ];
  return call(host, method, `/v2/${repository}/manifests/${reference}`, { headers: { accept } });
}

export async function pushImage(
  host: string,
  repository: string,
  { config, layers, manifest }: TestImage,
  reference?: string,
): Promise<Reply> {
  for (const blob of [config, ...layers]) await pushBlob(host, repository, blob);
  return pushManifest(host, repository, manifest, reference);
}
