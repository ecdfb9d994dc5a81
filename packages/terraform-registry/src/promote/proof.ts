import { platformsOf, type Archive, type ReleaseArchives } from '../archives/listing.js';
import type { OperationOptions } from '../content.js';
import type { Package, ReleaseManifest } from '../documents/manifest.js';
import { TerraformRegistryError } from '../error.js';
import { inParallel } from '../in-parallel.js';
import { platformKey } from '../platform.js';
import { indexEntryOf } from '../publish/index-document.js';
import { planned } from '../publish/planned.js';
import { clientDocuments } from '../publish/release-objects.js';
import { nameOf, type Registry } from '../registry.js';
import { h1OfArchive } from '../repack/repack.js';
import { storeReader } from '../verify/reader.js';
import { remedies, remedyOf } from '../verify/remedy.js';
import { verifyVersion } from '../verify/verify.js';

/**
 * Proves that what is staged is what the archives of the tag hold, from the bytes of both: clients can
 * install it, its documents are those of its record, and each zip holds the files of its archive. Throws
 * `verification-failed`.
 */
export async function proveStaged(
  staging: Registry,
  staged: ReleaseManifest,
  archives: ReleaseArchives,
  options: OperationOptions & { readonly at: Date },
): Promise<void> {
  const { at, signal } = options;
  const operation = { ...(signal && { signal }) };
  const refuse = (what: string, advice?: string) =>
    new TerraformRegistryError(
      'verification-failed',
      `${nameOf(staging)}: version ${staged.version} ${what}; nothing was promoted${advice === undefined ? '' : `: ${advice}, then run this again`}`,
    );
  const reader = storeReader(staging.store);
  const findings = await verifyVersion(reader, staging.address, indexEntryOf(staged), {
    at,
    ...operation,
  });
  const error = findings.find(({ severity }) => severity === 'error');
  if (error !== undefined) {
    const advice = remedies[remedyOf(error)];
    throw refuse(`cannot be installed: ${error.where}: ${error.what}`, advice);
  }
  // Then the zips are those of the documents, and so of the record.
  for (const document of clientDocuments(staged, [])) {
    const { act, key } = await planned(staging.store, document, {
      ...operation,
      replaceable: () => true,
    });
    if (act !== 'keep') {
      throw refuse(`has a document that is not that of its record, ${key}`, remedies.repair);
    }
  }
  const offered = new Map(archives.archives.map((each) => [platformKey(each.name.platform), each]));
  const platforms = staged.packages.map(({ platform }) => platformKey(platform));
  if (platforms.join() !== platformsOf(archives).join()) {
    throw refuse(
      `is staged for ${platforms.join(', ')}, and ${archives.where} has archives for ${platformsOf(archives).join(', ')}`,
    );
  }
  await inParallel(staged.packages, 2, async (each) => {
    const what = await differenceTo(offered.get(platformKey(each.platform)), each, operation);
    if (what !== undefined) throw refuse(`${what}, unlike in ${archives.where}`);
  });
}

/** How a staged package differs from its archive; `undefined` when it holds the same files. */
async function differenceTo(
  archive: Archive | undefined,
  { platform, archive: madeOf, h1 }: Package,
  options: OperationOptions,
): Promise<string | undefined> {
  const key = platformKey(platform);
  if (archive === undefined) return `was made of an archive for ${key} that is gone`;
  if (madeOf !== undefined && archive.sha256 !== madeOf) {
    return `was made of an archive for ${key} with the sha256 ${madeOf}, and not ${archive.sha256}`;
  }
  const found = await h1OfArchive({ ...archive, content: archive.open(options) }, options);
  return found === h1 ? undefined : `has ${h1} for ${key}, and not ${found}`;
}
