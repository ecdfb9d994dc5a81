import { downloadLimit, parseDownload, type DownloadDocument } from '../documents/download.js';
import { fileNames, type ProviderAddress } from '../documents/layout.js';
import { parseSums, type Sum } from '../documents/sums.js';
import type { IndexEntry } from '../documents/versions.js';
import { platformKey, type NamedPlatform } from '../platform.js';
import { judgePublicKey } from '../signing/public-key.js';
import { verifySignature } from '../signing/verify.js';
import { checked, document, placeOf, report, type Check } from './findings.js';
import { checkZip } from './zip-check.js';

export interface VersionCheckOptions {
  /** Whether zips are read, or only looked for. */
  readonly zips: boolean;
}

const sumsLimit = 1024 * 1024;

/** Checks everything that a client reads of a version, for each platform that the index lists. */
export async function checkVersion(
  check: Check,
  base: URL,
  address: ProviderAddress,
  entry: IndexEntry,
  options: VersionCheckOptions,
): Promise<void> {
  const sums = new Map<string, Promise<readonly Sum[] | undefined>>();
  for (const platform of entry.platforms) {
    const path = `${address.namespace}/${address.type}/${entry.version}/download/${platform.os}/${platform.arch}`;
    const url = new URL(path, base);
    const where = placeOf(check, url);
    const bytes = await document(check, url, { limit: downloadLimit, json: 'expected' });
    const download = bytes && (await checked(check, where, () => parseDownload(bytes, where)));
    if (download === undefined) continue;
    checkDownload(check, where, { address, entry, platform }, download);
    const signed = `${download.sumsUrl} ${download.signatureUrl}`;
    const known = sums.get(signed) ?? checkSums(check, url, download);
    sums.set(signed, known);
    checkListed(check, where, download, await known, { address, entry });
    const zipUrl = new URL(download.downloadUrl, url);
    if (options.zips) await checkZip(check, zipUrl, download, address.type);
    else await checkPresence(check, zipUrl);
  }
}

interface Expected {
  readonly address: ProviderAddress;
  readonly entry: IndexEntry;
  readonly platform: NamedPlatform;
}

function checkDownload(
  check: Check,
  where: string,
  { address, entry, platform }: Expected,
  download: DownloadDocument,
): void {
  if (platformKey(download.platform) !== platformKey(platform)) {
    report(check, where, `is of ${platformKey(download.platform)}`);
  }
  const filename = fileNames.zip({ type: address.type, version: entry.version }, platform);
  if (download.filename !== filename) {
    const what = `has the file name ${download.filename}, and mirrors need ${filename}`;
    report(check, where, what, 'warning');
  }
  if (download.keys.length === 0) report(check, where, 'has no key to verify the signature with');
  for (const key of download.keys) {
    const judgement = judgePublicKey(key);
    if (judgement.kind === 'fine') continue;
    const severity = judgement.kind === 'refused' ? 'error' : 'warning';
    report(check, where, `the key ${key.keyId} ${judgement.reason}`, severity);
  }
  const packaged = download.packages;
  if (packaged === undefined) {
    report(
      check,
      where,
      'has no packages, so lock files of OpenTofu hold this platform only',
      'warning',
    );
    return;
  }
  const missing = entry.platforms.map(platformKey).filter((each) => !packaged.has(each));
  if (missing.length > 0) report(check, where, `its packages lack ${missing.join(', ')}`);
  const own = packaged.get(platformKey(platform))?.hashes;
  if (own?.includes(`zh:${download.sha256}`) === false) {
    report(check, where, 'its packages have another hash than its shasum, which OpenTofu refuses');
  }
}

/** Reads and verifies sums; `undefined` when they cannot be read. */
async function checkSums(
  check: Check,
  from: URL,
  download: DownloadDocument,
): Promise<readonly Sum[] | undefined> {
  const sumsUrl = new URL(download.sumsUrl, from);
  const signatureUrl = new URL(download.signatureUrl, from);
  const where = placeOf(check, sumsUrl);
  const bytes = await document(check, sumsUrl, { limit: sumsLimit });
  const signature = await document(check, signatureUrl, { limit: sumsLimit });
  if (bytes === undefined) return undefined;
  if (signature !== undefined && download.keys.length > 0) {
    const at = check.at;
    const place = placeOf(check, signatureUrl);
    await checked(check, place, () =>
      verifySignature(bytes, signature, download.keys, { where: place, at }),
    );
  }
  return checked(check, where, () => parseSums(bytes, where));
}

function checkListed(
  check: Check,
  where: string,
  download: DownloadDocument,
  sums: readonly Sum[] | undefined,
  { address, entry }: Omit<Expected, 'platform'>,
): void {
  if (sums === undefined) return;
  const own = sums.find(({ filename }) => filename === download.filename);
  if (own?.sha256 !== download.sha256) {
    report(
      check,
      where,
      `its shasum is ${download.sha256}, and the sums say ${own?.sha256 ?? 'nothing'}`,
    );
  }
  // Whose own sums lack it is an error; whose sums lack others can be installed all the same.
  if (own !== undefined && sums.length === 1 && entry.platforms.length > 1) {
    const what =
      'its sums are of its own zip alone, so lock files made on another platform do not work on this one';
    report(check, where, what, 'warning');
    return;
  }
  const release = { type: address.type, version: entry.version };
  const names = sums.map(({ filename }) => filename);
  const missing = entry.platforms.filter((each) => !names.includes(fileNames.zip(release, each)));
  if (missing.length > 0) {
    const words = missing.map(platformKey).join(', ');
    const what = `its sums lack ${words}, so lock files made elsewhere do not work there`;
    report(check, where, what, 'warning');
  }
}

async function checkPresence(check: Check, url: URL): Promise<void> {
  const answer = await check.reader.get(url, check.signal && { signal: check.signal });
  if (answer === undefined) report(check, placeOf(check, url), 'is not there');
  // A connection that waits for its reader is closed.
  else await answer.content()[Symbol.asyncIterator]().return?.();
}
