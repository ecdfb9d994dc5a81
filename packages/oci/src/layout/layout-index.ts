import { readDescriptor, type Descriptor } from '../descriptor.js';
import type { Digest } from '../digest.js';
import { OciError } from '../error.js';
import {
  arrayOf,
  fault,
  objectOf,
  optionalMember,
  parseJsonObject,
  stringOf,
  type JsonObject,
  type Place,
} from '../json.js';
import { mediaType } from '../media-type.js';
import { quoted } from '../quoted.js';
import { corrupt } from './failure.js';

/** https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md#indexjson-file */
export interface LayoutIndex {
  readonly entries: readonly LayoutEntry[];
  /** Everything but the entries, kept for those who wrote it. */
  readonly rest: JsonObject;
}

export interface LayoutEntry {
  readonly descriptor: Descriptor;
  readonly tag?: string;
  /** As it stands in the file, with members that nothing here knows. */
  readonly source: JsonObject;
}

export const emptyIndex: LayoutIndex = {
  entries: [],
  rest: { schemaVersion: 2, mediaType: mediaType.ociIndex },
};

const tagAnnotation = 'org.opencontainers.image.ref.name';

/** Reads an `index.json`. Throws `layout-invalid`. */
export function parseIndex(bytes: Uint8Array, file: string): LayoutIndex {
  const place: Place = { where: file, code: 'layout-invalid' };
  try {
    const { manifests, ...rest } = parseJsonObject(bytes, place);
    if (rest.schemaVersion !== 2) throw fault(place, 'its schemaVersion is not 2');
    const type = optionalMember(rest, 'mediaType', stringOf, place) ?? mediaType.ociIndex;
    if (type !== mediaType.ociIndex)
      throw fault(place, `${quoted(type)} is not the type of an index`);
    const entries = optionalMember({ manifests }, 'manifests', arrayOf(readEntry), place) ?? [];
    return { entries, rest };
  } catch (error) {
    throw error instanceof OciError ? corrupt(error.message, error) : error;
  }
}

/** The bytes of an `index.json`: the same for the same entries, in whatever order they came. */
export function formatIndex({ entries, rest }: LayoutIndex): Uint8Array {
  const lines = entries
    .map((entry) => ({ key: [entry.tag ?? '', entry.descriptor.digest].join('\n'), entry }))
    .map(({ key, entry }) => ({ key: `${key}\n${JSON.stringify(entry.source)}`, entry }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const manifests = lines.map(({ entry }) => entry.source);
  return Buffer.from(`${JSON.stringify({ ...rest, manifests }, undefined, 2)}\n`);
}

/** The entry that this package writes for a manifest. */
export function newEntry({ mediaType, digest, size }: Descriptor, tag?: string): LayoutEntry {
  const descriptor: Descriptor = {
    mediaType,
    digest,
    size,
    ...(tag !== undefined && { annotations: { [tagAnnotation]: tag } }),
  };
  return entryOf({ ...descriptor }, descriptor);
}

/** The manifest that a tag is on. Throws `layout-invalid` when it is on several. */
export function tagged(index: LayoutIndex, tag: string, file: string): Descriptor | undefined {
  const [first, ...others] = index.entries.filter((entry) => entry.tag === tag);
  const other = others.find(({ descriptor }) => descriptor.digest !== first?.descriptor.digest);
  if (first && other) {
    const digests = `${first.descriptor.digest} and ${other.descriptor.digest}`;
    throw new OciError(
      'layout-invalid',
      `${file}: the tag ${tag} is on two manifests, ${digests}; tag one of them again`,
    );
  }
  return first?.descriptor;
}

/** With the tag on this manifest only. What it was on before stays listed, without the tag. */
export function withTag(index: LayoutIndex, manifest: Descriptor, tag: string): LayoutIndex {
  const before = index.entries.filter((entry) => entry.tag === tag);
  const same = before.filter(({ descriptor }) => descriptor.digest === manifest.digest);
  if (same.length > 0 && same.length === before.length) return index;
  const others = index.entries.filter((entry) => entry.tag !== tag);
  const untagged = before.map(({ descriptor }) => newEntry(descriptor));
  return { ...index, entries: [...others, ...untagged, newEntry(manifest, tag)] };
}

/**
 * Without the entries that say nothing more: untagged ones of manifests that a tag, or another listed
 * index, leads to. `reachable` tells which manifests an index leads to.
 */
export async function withoutRedundant(
  index: LayoutIndex,
  reachable: (from: Descriptor) => Promise<ReadonlySet<Digest>>,
): Promise<LayoutIndex> {
  if (!index.entries.some(isPlain)) return index;
  const covered = new Set<Digest>();
  for (const entry of index.entries) {
    for (const digest of await reachable(entry.descriptor)) covered.add(digest);
    if (!isPlain(entry)) covered.add(entry.descriptor.digest);
  }
  const entries = index.entries.filter((entry) => {
    if (!isPlain(entry)) return true;
    const { digest } = entry.descriptor;
    const redundant = covered.has(digest);
    covered.add(digest);
    return !redundant;
  });
  return { ...index, entries };
}

function readEntry(value: unknown, place: Place): LayoutEntry {
  return entryOf(objectOf(value, place), readDescriptor(value, place));
}

function entryOf(source: JsonObject, descriptor: Descriptor): LayoutEntry {
  const tag = descriptor.annotations?.[tagAnnotation];
  return { descriptor, source, ...(tag !== undefined && { tag }) };
}

/** Whether an entry lists a manifest and does nothing else. */
function isPlain({ source }: LayoutEntry): boolean {
  return Object.keys(source).every((name) => ['mediaType', 'digest', 'size'].includes(name));
}
