import type { EcrRegistry } from './registries.js';

/** A repository of the registry that keeps the images. */
export interface Upstream {
  tags(): Promise<readonly string[]>;
  /** By tag or digest. */
  manifest(reference: string): Promise<UpstreamManifest | undefined>;
  blobSize(digest: string): Promise<number | undefined>;
}

interface UpstreamManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
}

/** Without an upstream there are no images. */
export function upstreamOf({ upstream, prefix }: EcrRegistry, name: string): Upstream {
  const head = async (path: string): Promise<Headers | undefined> => {
    if (upstream === undefined) return undefined;
    const url = `http://${upstream}/v2/${prefix}${name}/${path}`;
    const response = await fetch(url, { method: 'HEAD', headers: { accept: manifestTypes } });
    return response.ok ? response.headers : undefined;
  };
  return {
    async tags() {
      if (upstream === undefined) return [];
      const response = await fetch(`http://${upstream}/v2/${prefix}${name}/tags/list`);
      if (!response.ok) return [];
      const { tags } = (await response.json()) as { tags: readonly string[] | null };
      return tags ?? [];
    },
    async manifest(reference) {
      const headers = await head(`manifests/${reference}`);
      return (
        headers && {
          digest: headers.get('docker-content-digest') ?? '',
          mediaType: headers.get('content-type') ?? '',
          size: Number(headers.get('content-length')),
        }
      );
    },
    async blobSize(digest) {
      const headers = await head(`blobs/${digest}`);
      return headers && Number(headers.get('content-length'));
    },
  };
}

export const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
