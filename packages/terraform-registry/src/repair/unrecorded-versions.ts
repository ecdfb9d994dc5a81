import type { OperationOptions } from '../content.js';
import { downloadLimit, parseDownload, type DownloadDocument } from '../documents/download.js';
import { registryBase } from '../documents/layout.js';
import type { IndexEntry } from '../documents/versions.js';
import { TerraformRegistryError } from '../error.js';
import type { NamedPlatform } from '../platform.js';
import type { Registry } from '../registry.js';
import type { Sha256 } from '../sha256.js';
import { storeReader } from '../verify/reader.js';
import { isVersion, type Version } from '../version.js';
import { ownZipOf } from './own-zip.js';

/** Versions that have documents, no record, and were not withdrawn. */
export interface UnrecordedVersions {
  /** Those that were published before there were records. */
  readonly older: readonly IndexEntry[];
  /** The zips in this store that the documents of all of them lead to. */
  readonly zips: ReadonlyMap<Version, readonly ListedZip[]>;
  /** Those of this release system: attempts that were never completed, or versions whose record was lost. */
  readonly own: ReadonlySet<Version>;
  /** Of which a document cannot be read: its key, and why. */
  readonly unreadable: ReadonlyMap<Version, string>;
}

/** A zip as a record or a document says that it is. */
export interface ListedZip {
  readonly key: string;
  readonly sha256: Sha256;
}

interface Found {
  readonly documents: DownloadDocument[];
  readonly platforms: NamedPlatform[];
  readonly zips: ListedZip[];
}

/**
 * `settled` are those that have a record or were withdrawn. A document of this release system is told by its
 * packages, which nobody else wrote.
 */
export async function unrecordedVersions(
  { store, address: { namespace, type }, mirrorHosts }: Registry,
  settled: ReadonlySet<Version>,
  options?: OperationOptions,
): Promise<UnrecordedVersions> {
  const reader = storeReader(store, mirrorHosts);
  const prefix = `${registryBase.slice(1)}${namespace}/${type}/`;
  const found = new Map<Version, Found>();
  const unreadable = new Map<Version, string>();
  for await (const { key } of store.list(prefix, options)) {
    const [, version = '', os = '', arch = ''] = documentKey.exec(key.slice(prefix.length)) ?? [];
    if (!isVersion(version) || settled.has(version)) continue;
    const bytes = await (await store.get(key, options))?.bytes(downloadLimit, options);
    if (bytes === undefined) continue;
    const document = readable(bytes, key);
    const ofIt = found.get(version) ?? { documents: [], platforms: [], zips: [] };
    found.set(version, ofIt);
    // What it is of is in its key, too: a platform of which nothing can be read is not taken from anybody.
    ofIt.platforms.push({ os, arch });
    if (document instanceof TerraformRegistryError) {
      if (!unreadable.has(version)) unreadable.set(version, document.message);
      continue;
    }
    ofIt.documents.push(document);
    const zip = ownZipOf(document, key, reader);
    if (zip !== undefined) ofIt.zips.push({ key: zip, sha256: document.sha256 });
  }
  const isOwn = ({ documents }: Found) => documents.some((each) => each.packages !== undefined);
  const entries = [...found].filter(([, { documents }]) => documents.length > 0);
  const older = entries.filter(([, each]) => !isOwn(each));
  return {
    older: older.map(([version, { documents, platforms }]) => {
      return { version, protocols: documents[0]?.protocols ?? [], platforms };
    }),
    zips: new Map(entries.map(([version, { zips }]) => [version, zips])),
    own: new Set(entries.filter(([, each]) => isOwn(each)).map(([version]) => version)),
    unreadable,
  };
}

/** Below the provider; the words are those that an index can have. */
const documentKey = /^([^/]+)\/download\/([a-z0-9]{1,32})\/([a-z0-9]{1,32})$/;

function readable(bytes: Uint8Array, where: string): DownloadDocument | TerraformRegistryError {
  try {
    return parseDownload(bytes, where);
  } catch (error) {
    if (error instanceof TerraformRegistryError) return error;
    throw error;
  }
}
