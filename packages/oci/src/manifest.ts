import { checkBytes, readDescriptor, readMediaType, type Descriptor } from './descriptor.js';
import { OciError } from './error.js';
import {
  arrayOf,
  fault,
  optionalMember,
  parseJsonObject,
  refuseCaseVariants,
  requiredMember,
  stringMapOf,
  stringOf,
  type JsonObject,
  type Place,
} from './json.js';
import {
  isImageManifestType,
  isIndexType,
  isManifestType,
  isNondistributableType,
  mediaType,
  type ImageManifestType,
  type IndexType,
} from './media-type.js';
import { quoted } from './quoted.js';

/** The largest manifest or index that is read or stored, in bytes: what registries promise to accept. */
export const manifestSizeLimit = 4 * 1024 * 1024;

/**
 * One image, or another artifact in the form of an image: an OCI image manifest or a Docker one.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md
 */
export interface ImageManifest {
  readonly kind: 'image';
  readonly mediaType: ImageManifestType;
  /** What the artifact is, where it is not an image. */
  readonly artifactType?: string;
  readonly config: Descriptor;
  /** From the base up. */
  readonly layers: readonly Descriptor[];
  /** The manifest that this one says something about (a signature, an SBOM, an attestation). */
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Manifests under one name, mostly an image per platform: an OCI index or a Docker manifest list.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md
 */
export interface ImageIndex {
  readonly kind: 'index';
  readonly mediaType: IndexType;
  readonly artifactType?: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Reads a manifest or index that was fetched for a descriptor. Nothing is read of bytes that are not
 * the descriptor's (`content-mismatch`), that are over the limit (`manifest-too-large`), or that could
 * be taken for another type than the descriptor says (`manifest-invalid`; CVE-2021-41190). Members
 * that are not known are ignored.
 */
export function parseManifest(
  descriptor: Descriptor,
  bytes: Uint8Array,
): ImageManifest | ImageIndex {
  const place: Place = { where: `manifest ${descriptor.digest}`, code: 'manifest-invalid' };
  const type = descriptor.mediaType;
  if (!isManifestType(type)) {
    throw fault(
      place,
      `${quoted(type)} is not the type of a manifest or index; supported are those of OCI and Docker schema 2`,
    );
  }
  checkManifestSize(descriptor.size, place.where);
  checkManifestSize(bytes.byteLength, place.where);
  checkBytes(descriptor, bytes, place.where);
  const document = parseJsonObject(bytes, place);
  checkType(type, document, place);
  return isIndexType(type) ? readIndex(type, document, place) : readImage(type, document, place);
}

/**
 * What must be stored before the manifest: the manifests it lists and the blobs it refers to. Its
 * subject is not among them, which may come later; nor are non-distributable layers, which stay where
 * their `urls` say. Entries of an index that are not manifests (a build cache's layers) are blobs.
 */
export function children(manifest: ImageManifest | ImageIndex): {
  readonly manifests: readonly Descriptor[];
  readonly blobs: readonly Descriptor[];
} {
  if (manifest.kind === 'image') {
    const layers = manifest.layers.filter((layer) => !isNondistributableType(layer.mediaType));
    return { manifests: [], blobs: [manifest.config, ...layers] };
  }
  return {
    manifests: manifest.manifests.filter((each) => isManifestType(each.mediaType)),
    blobs: manifest.manifests.filter((each) => !isManifestType(each.mediaType)),
  };
}

/**
 * The type of a stored document of which only the bytes are known: what it says, or for the OCI types,
 * which may leave it out, what it looks like. `undefined` when it is not a manifest or index.
 */
export function manifestTypeOf(bytes: Uint8Array): IndexType | ImageManifestType | undefined {
  try {
    const document = parseJsonObject(bytes, { where: 'blob', code: 'manifest-invalid' });
    const type = document.mediaType ?? impliedType(document);
    return typeof type === 'string' && isManifestType(type) ? type : undefined;
  } catch (error) {
    if (error instanceof OciError) return undefined;
    throw error;
  }
}

export function checkManifestSize(size: number, where: string): void {
  if (size <= manifestSizeLimit) return;
  throw new OciError(
    'manifest-too-large',
    `${where}: is ${size} bytes long; manifests are at most ${manifestSizeLimit}`,
  );
}

const known = [
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'manifests',
  'subject',
  'annotations',
];

/** Members that only documents of the other kinds have: index, image manifest, Docker schema 1. */
const foreign = {
  image: ['manifests', 'fsLayers', 'history', 'signatures', 'blobs'],
  index: ['config', 'layers', 'fsLayers', 'history', 'signatures', 'blobs'],
};

function impliedType(document: JsonObject): string | undefined {
  if (has(document, 'manifests')) return mediaType.ociIndex;
  return has(document, 'config') && has(document, 'layers') ? mediaType.ociManifest : undefined;
}

function checkType(type: string, document: JsonObject, place: Place): void {
  refuseCaseVariants(document, known, place);
  const version = document.schemaVersion;
  if (version !== 2) {
    throw fault(
      place,
      `schemaVersion must be 2, found ${version === undefined ? 'none' : JSON.stringify(version)}`,
    );
  }
  const stated = optionalMember(document, 'mediaType', stringOf, place);
  if (stated !== undefined && stated !== type) {
    throw fault(place, `says it is ${quoted(stated)}, but was referred to as ${quoted(type)}`);
  }
  if (stated === undefined && type.startsWith('application/vnd.docker.')) {
    throw fault(place, 'the member "mediaType" is missing, which Docker manifests have');
  }
  const kind = isImageManifestType(type) ? 'image' : 'index';
  const other = foreign[kind].find((name) => has(document, name));
  if (other !== undefined) {
    throw fault(place, `has ${quoted(other)}, which no document of the type ${quoted(type)} has`);
  }
}

function readImage(type: ImageManifestType, document: JsonObject, place: Place): ImageManifest {
  return {
    kind: 'image',
    mediaType: type,
    config: requiredMember(document, 'config', readDescriptor, place),
    layers: listed(document, 'layers', place),
    ...readCommon(document, place),
  };
}

function readIndex(type: IndexType, document: JsonObject, place: Place): ImageIndex {
  return {
    kind: 'index',
    mediaType: type,
    manifests: listed(document, 'manifests', place),
    ...readCommon(document, place),
  };
}

function readCommon(document: JsonObject, place: Place) {
  const artifactType = optionalMember(document, 'artifactType', readMediaType, place);
  const referred = optionalMember(document, 'subject', readDescriptor, place);
  const annotations = optionalMember(document, 'annotations', stringMapOf, place);
  return {
    ...(artifactType !== undefined && { artifactType }),
    ...(referred && { subject: referred }),
    ...(annotations && { annotations }),
  };
}

/** The member must be there; Go writes `null` for an empty list. */
function listed(document: JsonObject, name: string, place: Place): readonly Descriptor[] {
  if (!Object.hasOwn(document, name)) throw fault(place, `the member "${name}" is missing`);
  return optionalMember(document, name, arrayOf(readDescriptor), place) ?? [];
}

function has(document: JsonObject, name: string): boolean {
  return Object.hasOwn(document, name) && document[name] !== null;
}
