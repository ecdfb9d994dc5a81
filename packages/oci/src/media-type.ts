/**
 * The media types of images, by short names.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/media-types.md and, for `docker…`,
 * https://github.com/distribution/distribution/blob/v2.8.2/docs/spec/manifest-v2-2.md
 */
export const mediaType = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  ociLayerTar: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerTarGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerTarZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  ociNondistributableTar: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
  ociNondistributableTarGzip: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  ociNondistributableTarZstd: 'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerManifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerForeignLayerGzip: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
} as const;

/** Whether a document of this type lists manifests: an OCI image index or a Docker manifest list. */
export function isIndexType(type: string): type is IndexType {
  return type === mediaType.ociIndex || type === mediaType.dockerManifestList;
}

/** Whether a document of this type is kept among the manifests: an image manifest or an index. */
export function isManifestType(type: string): type is IndexType | ImageManifestType {
  return isImageManifestType(type) || isIndexType(type);
}

export function isImageManifestType(type: string): type is ImageManifestType {
  return type === mediaType.ociManifest || type === mediaType.dockerManifest;
}

/** Whether a layer of this type stays at the addresses in its `urls` and is not copied between registries. */
export function isNondistributableType(type: string): boolean {
  return nondistributable.has(type);
}

export type IndexType = typeof mediaType.ociIndex | typeof mediaType.dockerManifestList;
export type ImageManifestType = typeof mediaType.ociManifest | typeof mediaType.dockerManifest;

const nondistributable: ReadonlySet<string> = new Set([
  mediaType.ociNondistributableTar,
  mediaType.ociNondistributableTarGzip,
  mediaType.ociNondistributableTarZstd,
  mediaType.dockerForeignLayerGzip,
]);
