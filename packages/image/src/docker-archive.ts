import {
  contentOf,
  mediaType,
  parseReference,
  splitDigest,
  type Content,
  type Descriptor,
  type ImageManifest,
  type OperationOptions,
  type Platform,
  type Repository,
} from '@teleport-plugins/oci';

import { canonicalJson } from './canonical-json.js';
import { ImageError } from './error.js';
import { byBytes } from './path.js';
import { platformImage } from './platform-image.js';
import { tar, type TarFile } from './tar.js';

/**
 * The image for one platform as a tar archive for `docker load` and `podman load`, streamed. `name` is
 * what the engine shall call it: `name:tag`, with or without a registry. The archive has two tables of
 * contents over the same blobs: `manifest.json`, which Docker and Podman read, and the `index.json` of
 * an image layout, which containerd reads, and with it a Docker that keeps its images there.
 * https://github.com/moby/docker-image-spec/blob/v1.3.1/spec.md#combined-image-json--filesystem-changeset-format
 */
export async function* dockerArchive(
  repository: Repository,
  index: Descriptor,
  platform: Platform,
  name: string,
  options: OperationOptions = {},
): Content {
  const label = parseName(name);
  const { descriptor, bytes, manifest } = await platformImage(repository, index, platform, options);

  const blobs = new Map(
    [manifest.config, ...manifest.layers].map((blob) => [blobPath(blob), blob]),
  );
  const files = [
    fileOf('oci-layout', canonicalJson({ imageLayoutVersion: '1.0.0' })),
    fileOf('index.json', layoutIndex(descriptor, label)),
    fileOf('manifest.json', dockerManifest(manifest, name)),
    fileOf(blobPath(descriptor), bytes),
    ...[...blobs].map(([path, blob]) => {
      const content = (): Content => repository.blobs.fetch(blob, options);
      return { kind: 'file', path, mode: 0o644, size: blob.size, content } as const;
    }),
  ].sort((left, right) => byBytes(left.path, right.path));
  yield* tar(files, { mtime: 0, ...(options.signal && { signal: options.signal }) });
}

interface Label {
  /** With the registry that Docker takes a name without one to be in. */
  readonly fullName: string;
  readonly tag: string;
}

function parseName(name: string): Label {
  const [first = '', ...rest] = name.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const prefix = hasRegistry ? '' : rest.length > 0 ? 'docker.io/' : 'docker.io/library/';
  const fullName = `${prefix}${name}`;
  const { tag, digest } = parseReference(fullName);
  if (tag !== undefined && digest === undefined) return { fullName, tag };
  throw noImage(
    `${JSON.stringify(name)} is not a name with a tag, like teleport-plugin-email:9.3.7`,
  );
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md#indexjson-file */
function layoutIndex({ mediaType: type, digest, size }: Descriptor, label: Label): Uint8Array {
  const annotations = {
    'io.containerd.image.name': label.fullName,
    'org.opencontainers.image.ref.name': label.tag,
  };
  return canonicalJson({
    schemaVersion: 2,
    mediaType: mediaType.ociIndex,
    manifests: [{ mediaType: type, digest, size, annotations }],
  });
}

function dockerManifest({ config, layers }: ImageManifest, name: string): Uint8Array {
  return canonicalJson([
    { Config: blobPath(config), RepoTags: [name], Layers: layers.map(blobPath) },
  ]);
}

function blobPath({ digest }: Descriptor): string {
  const { algorithm, hex } = splitDigest(digest);
  return `blobs/${algorithm}/${hex}`;
}

function fileOf(path: string, bytes: Uint8Array): TarFile {
  return { kind: 'file', path, mode: 0o644, size: bytes.length, content: () => contentOf(bytes) };
}

function noImage(problem: string): ImageError {
  return new ImageError('archive-invalid', `no archive can be made: ${problem}`);
}
