import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { DownloadDocument } from '../documents/download.js';
import { meter } from '../sha256.js';
import type { Content } from '../content.js';
import { inspectZip, type InspectedZip } from '../repack/inspect.js';
import { writeScratch } from '../repack/scratch.js';
import { platformKey } from '../platform.js';
import { quoted } from '../quoted.js';
import { checked, placeOf, report, served, type Check } from './findings.js';

/** Checks a zip as Terraform installs it: its sums, what is in it, and that it can be started. */
export async function checkZip(
  check: Check,
  url: URL,
  download: DownloadDocument,
  type: string,
): Promise<void> {
  const answer = await served(check, url);
  if (answer === undefined) return;
  const where = placeOf(check, url);
  const directory = await mkdtemp(join(tmpdir(), 'terraform-registry-verify-'));
  try {
    const path = join(directory, 'x.zip');
    const { content, measured } = metered(answer.content());
    await writeScratch(path, content, check.signal && { signal: check.signal });
    if (measured.sha256() !== download.sha256) {
      report(
        check,
        where,
        `has the sha256 ${measured.sha256()}, and the document says ${download.sha256}`,
      );
    }
    checkHashes(check, where, download, `zh:${measured.sha256()}`);
    const listed = download.packages?.get(platformKey(download.platform));
    if (listed !== undefined && listed.size !== measured.size) {
      report(check, where, `has ${measured.size} bytes, and its packages say ${listed.size}`);
    }
    const zip = await checked(check, where, () => inspectZip(path, where, check));
    if (zip === undefined) return;
    checkHashes(check, where, download, zip.h1);
    checkFiles(check, where, zip, { type, isWindows: download.platform.os === 'windows' });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A hash of this zip must be in the document, when that has hashes of its kind. */
function checkHashes(check: Check, where: string, download: DownloadDocument, hash: string): void {
  const hashes = download.packages?.get(platformKey(download.platform))?.hashes ?? [];
  const scheme = hash.slice(0, 3);
  const same = hashes.filter((each) => each.startsWith(scheme));
  if (same.length > 0 && !same.some((each) => each === hash)) {
    report(check, where, `is ${hash}, which is not in the packages of its document`);
  }
}

function checkFiles(
  check: Check,
  where: string,
  { files }: InspectedZip,
  { type, isWindows }: { readonly type: string; readonly isWindows: boolean },
): void {
  const prefix = `terraform-provider-${type}`;
  const programs = files.filter(({ name }) => {
    const atRoot = name.replace(/^\.\//, '');
    return atRoot === prefix || atRoot.startsWith(`${prefix}_`) || atRoot.startsWith(`${prefix}.`);
  });
  if (programs.length !== 1) {
    report(
      check,
      where,
      `has ${programs.length} files that could be the provider, and must have one`,
    );
  }
  for (const { name, mode } of programs) {
    if (!isWindows && (mode & 0o111) === 0) {
      report(check, where, `${name} in it may not be executed`);
    }
  }
  for (const { name } of files) {
    const what = `has a file in it that is named ${quoted(name)}`;
    const [first, ...segments] = name.split('/');
    if (first === '..' || first === '' || segments.some((each) => each === '.' || each === '..')) {
      report(check, where, what);
    } else if (first === '.') {
      const others = 'so lock files that have only its h1 do not work on the next machine';
      report(check, where, `${what}, ${others}`, 'warning');
    }
  }
}

function metered(content: Content) {
  const measured = meter();
  async function* pass(): Content {
    for await (const piece of content) {
      measured.add(piece);
      yield piece;
    }
  }
  return { content: pass(), measured };
}
