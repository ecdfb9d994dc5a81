import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';

import type { Body, ObjectStore } from '@teleport-plugins/object-store';
import { pluginFile } from '@teleport-plugins/release';
import {
  archivesFolder,
  formatSidecar,
  type ReleaseArchives,
} from '@teleport-plugins/terraform-registry';

import { placeOf, pushedArchives } from '../../archives/pushed-archives.js';
import type { ArchivesOptions } from '../../archives/programs.js';
import { samplesIn } from '../../archives/sample.js';
import { notBuilt, openTreeArchives } from '../../archives/tree-archives.js';
import { StepError } from '../../error.js';
import { bytes, count } from '../../step/amounts.js';
import type { Line } from '../../step/show.js';
import type { ProviderStep } from '../../step/step.js';
import { notOfTree, onlySamples, otherBytes } from './refusals.js';

/** What a push is going to do. */
export interface ArchivesPush {
  /** The folder of the release in the store, for people. */
  readonly where: string;
  /** How many there are. */
  readonly archives: number;
  /** The archives, and after them their checksums: only with all of them there is a release. */
  readonly objects: readonly PlannedObject[];
}

export type PlannedObject = (KnownObject & { readonly act: 'keep' }) | BuiltObject;

/** One that the working tree has built, and that may be there already. */
export type BuiltObject = WantedObject & { readonly act: 'create' | 'keep' };

interface KnownObject {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: string;
}

interface WantedObject extends KnownObject {
  readonly contentType: string;
  readonly body: Body;
}

/**
 * Compares the archives of the working tree's version with what the store has of it. Reads only.
 *
 * @throws StepError `other-version` for a version that is neither there nor the working tree's, the only one
 *   that can be pushed; `sample-refused` in a protected environment for one that is not there, and of which
 *   there are no real archives; `digest-differs` when something is there with other bytes
 */
export async function planPush(
  step: ProviderStep,
  options: ArchivesOptions,
  artifacts: ObjectStore,
): Promise<ArchivesPush> {
  const { selection, environment, host } = step;
  const where = placeOf(step, artifacts);
  const found = async (refuse: (where: string) => StepError): Promise<ArchivesPush> => {
    const { archives } = await pushedArchives(step, artifacts, refuse);
    const objects = archives.map(({ file, size, sha256 }) => {
      return { act: 'keep', key: keyOf(step, file), size, sha256 } as const;
    });
    return { where, archives: archives.length, objects };
  };
  if (!selection.isTree) return found(() => notOfTree(step, where));
  const built = await openTreeArchives(step, options);
  const isReal =
    built !== undefined &&
    (!environment.protected || (await samplesIn(built, host.signal)).length === 0);
  if (!isReal) return found(() => onlySamples(step, where));

  const wanted = await wantedObjects(step, built);
  await refuseOthers(step, artifacts, wanted);
  const objects: PlannedObject[] = [];
  for (const object of wanted) {
    objects.push({ ...object, act: await actOn(step, artifacts, object) });
  }
  return { where, archives: built.archives.length, objects };
}

/** What a push is going to do: the sums, and in a dry run each object above them. */
export function describePush({ objects }: ArchivesPush, dryRun: boolean): readonly Line[] {
  const acts = ['create', 'keep'] as const;
  const sums = acts.flatMap((act): readonly Line[] => {
    const some = objects.filter((object) => object.act === act);
    const size = some.reduce((sum, object) => sum + object.size, 0);
    return some.length > 0 ? [[act, count(some.length, 'object'), bytes(size)]] : [];
  });
  const each = objects.map(({ act, key, size, sha256 }): Line => {
    return [act, `${basename(key)} sha256:${sha256}`, bytes(size)];
  });
  return dryRun ? [...each, ...sums] : sums;
}

/** Of what is there under the key of an object; `undefined` when nothing is. */
export async function sha256At(
  { host }: ProviderStep,
  artifacts: ObjectStore,
  key: string,
): Promise<string | undefined> {
  const { signal } = host;
  const stored = await artifacts.get(key, { signal });
  return stored && sha256Of(stored.content({ signal }));
}

async function wantedObjects(
  step: ProviderStep,
  { archives }: ReleaseArchives,
): Promise<readonly WantedObject[]> {
  const { signal } = step.host;
  for (const archive of archives) {
    const { file, sha256 } = archive;
    const found = await sha256Of(archive.open({ signal }));
    if (found === sha256) continue;
    throw notBuilt(step, `${file} has the sha256 ${found}, and beside it stands ${sha256}`);
  }
  const content = archives.map((archive) => {
    const { file, size, sha256 } = archive;
    const body = { size, sha256, open: () => archive.open({ signal }) };
    return { key: keyOf(step, file), size, sha256, contentType: 'application/gzip', body };
  });
  const sidecars = archives.map(({ file, sha256 }) => {
    const body = formatSidecar(sha256, file);
    const own = createHash('sha256').update(body).digest('hex');
    const contentType = 'text/plain; charset=utf-8';
    return {
      key: keyOf(step, `${file}.sha256`),
      size: body.length,
      sha256: own,
      contentType,
      body,
    };
  });
  return [...content, ...sidecars];
}

function keyOf({ selection }: ProviderStep, file: string): string {
  return `${archivesFolder}/${selection.releaseTag}/${file}`;
}

/** Throws StepError `digest-differs`. */
async function actOn(
  step: ProviderStep,
  artifacts: ObjectStore,
  wanted: KnownObject,
): Promise<PlannedObject['act']> {
  const found = await sha256At(step, artifacts, wanted.key);
  if (found === undefined) return 'create';
  if (found === wanted.sha256) return 'keep';
  throw otherBytes(step, artifacts, wanted, found);
}

/** A platform more would become part of the release. */
async function refuseOthers(
  step: ProviderStep,
  artifacts: ObjectStore,
  wanted: readonly KnownObject[],
): Promise<void> {
  const { selection, plugin, host } = step;
  const prefix = `${archivesFolder}/${selection.releaseTag}/terraform-provider`;
  const keys = new Set(wanted.map(({ key }) => key));
  for await (const { key } of artifacts.list(prefix, { signal: host.signal })) {
    if (keys.has(key)) continue;
    throw new StepError(
      'archives-differ',
      `${artifacts.name}/${key} is there, and the working tree builds no such archive; declare its platform in ${join(plugin.root, pluginFile)}, or have it removed there`,
    );
  }
}

async function sha256Of(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of content) hash.update(piece);
  return hash.digest('hex');
}
