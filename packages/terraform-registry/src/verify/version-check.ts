import { downloadLimit, parseDownload, type DownloadDocument } from '../documents/download.js';
import { fileNames, type ProviderAddress } from '../documents/layout.js';
import { parseSums, type Sum } from '../documents/sums.js';
import type { IndexEntry } from '../documents/versions.js';
import { inParallel } from '../in-parallel.js';
import { platformKey, type NamedPlatform } from '../platform.js';
import { judgePublicKey } from '../signing/public-key.js';
import { verifySignature } from '../signing/verify.js';
import { checked, document, placeOf, report, type Check, type Finding } from './findings.js';
import { checkZip } from './zip-check.js';

export interface VersionCheckOptions {
  /** Whether zips are read, or only looked for. */
  readonly zips: boolean;
}

const sumsLimit = 1024 * 1024;

/** In the order in which they are told. */
type Findings = readonly Finding[];

/** How many platforms are checked at once: one is unpacked while what came of another is compared. */
const concurrency = 2;

/** Checks everything that a client reads of a version, for each platform that the index lists. */
export async function checkVersion(
  check: Check,
  base: URL,
  address: ProviderAddress,
  entry: IndexEntry,
  options: VersionCheckOptions,
): Promise<void> {
  const sums = new Map<string, Promise<CheckedSums>>();

  async function checkPlatform(platform: NamedPlatform): Promise<readonly Findings[]> {
    const path = `${address.namespace}/${address.type}/${entry.version}/download/${platform.os}/${platform.arch}`;
    const url = new URL(path, base);
    const where = placeOf(check, url);
    const own = { ...check, findings: [] };
    const bytes = await document(own, url, { limit: downloadLimit, json: 'expected' });
    const download = bytes && (await checked(own, where, () => parseDownload(bytes, where)));
    if (download === undefined) return [own.findings];
    checkDownload(own, where, { address, entry, platform }, download);
    const signed = `${download.sumsUrl} ${download.signatureUrl}`;
    const reading = sums.get(signed) ?? checkSums(check, url, download);
    sums.set(signed, reading);
    const known = await reading;
    const rest = { ...check, findings: [] };
    checkListed(rest, where, download, known.sums, { address, entry });
    const zipUrl = new URL(download.downloadUrl, url);
    if (options.zips) await checkZip(rest, zipUrl, download, address.type);
    else await checkPresence(rest, zipUrl);
    return [own.findings, known.findings, rest.findings];
  }

  const found = await inParallel(entry.platforms, concurrency, checkPlatform);
  // What is wrong with sums is told once.
  for (const findings of new Set(found.flat())) check.findings.push(...findings);
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

/** Sums, or `undefined` when they cannot be read, and what is wrong with them. */
interface CheckedSums {
  readonly sums: readonly Sum[] | undefined;
  readonly findings: Findings;
}

async function checkSums(
  check: Check,
  from: URL,
  download: DownloadDocument,
): Promise<CheckedSums> {
  const own: Check = { ...check, findings: [] };
  const sumsUrl = new URL(download.sumsUrl, from);
  const signatureUrl = new URL(download.signatureUrl, from);
  const where = placeOf(own, sumsUrl);
  const bytes = await document(own, sumsUrl, { limit: sumsLimit });
  const signature = await document(own, signatureUrl, { limit: sumsLimit });
  if (bytes === undefined) return { sums: undefined, findings: own.findings };
  if (signature !== undefined && download.keys.length > 0) {
    const at = own.at;
    const place = placeOf(own, signatureUrl);
    await checked(own, place, () =>
      verifySignature(bytes, signature, download.keys, { where: place, at }),
    );
  }
  const sums = await checked(own, where, () => parseSums(bytes, where));
  return { sums, findings: own.findings };
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
