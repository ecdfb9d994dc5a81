import { keys } from '../documents/layout.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import { formatIndex } from '../documents/versions.js';
import { readIndex, type Registry } from '../registry.js';
import type { OperationOptions } from '../content.js';
import type { Version } from '../version.js';
import { indexDocument, indexEntryOf, mirrorDocument, withVersion } from './index-document.js';
import { sharedEdit, type PlannedChange } from './planned-change.js';
import type { PlannedObject } from './planned.js';
import { recoveredIndex } from './recovered-index.js';

/** All that publishing a version will write, and nothing else. */
export interface PublishPlan {
  readonly registry: Registry;
  readonly release: ReleaseManifest;
  /**
   * In their order: zips, sums, signature, documents. What is in one stage may be written at once; nothing of
   * a stage may be written before all of the one before it is there.
   */
  readonly stages: readonly (readonly PlannedObject[])[];
  /** The record that the version is complete; written when all the stages are, and were verified. */
  readonly record: PlannedObject;
  /** What makes the version visible: the last to be written. */
  readonly shared: readonly PlannedChange[];
  /** What people should know. */
  readonly warnings: readonly string[];
}

/** Whether there is nothing to be done. */
export function isSettled({ stages, record, shared }: PublishPlan): boolean {
  return [...stages.flat(), record, ...shared].every(({ act }) => act === 'keep');
}

/** The plan as lines: what is done to each object, its size in bytes, and its sha256. */
export function describePlan({ stages, record, shared }: PublishPlan): readonly string[] {
  const objects = [...stages.flat(), record].map(
    ({ act, key, size, sha256 }) => `${act.padEnd(7)} ${key}  ${size} bytes  sha256:${sha256}`,
  );
  return [...objects, ...shared.map(({ act, key }) => `${act.padEnd(7)} ${key}  (merged)`)];
}

/** What a version changes in the index and in those of the mirrors. Throws `conflict`. */
export async function plannedChanges(
  registry: Registry,
  release: ReleaseManifest,
  options?: OperationOptions,
): Promise<Pick<PublishPlan, 'shared' | 'warnings'>> {
  const { store, address, mirrorHosts = [] } = registry;
  const index = await readIndex(registry, options);
  const where = `${store.name}/${keys.index(address)}`;
  const current = index?.value ?? (await recoveredIndex(registry, release.version, options));
  const next = withVersion(current, indexEntryOf(release), where);
  const same = index !== undefined && formatIndex(index.value).equals(formatIndex(next));
  const act = index === undefined ? 'create' : same ? 'keep' : 'replace';
  const shared: PlannedChange[] = [{ key: indexDocument(address).key, act }];
  for (const host of mirrorHosts) {
    const edit = sharedEdit(store, mirrorDocument(host, address), (versions = []) => [
      ...new Set([...versions, release.version]),
    ]);
    shared.push(await edit.planned(options));
  }
  const others = current.versions.map(({ version }) => version);
  const recovered = index === undefined ? others.filter((each) => each !== release.version) : [];
  const warnings = recovered.length === 0 ? [] : [lostIndex(where, recovered)];
  return { shared, warnings };
}

function lostIndex(where: string, versions: readonly Version[]): string {
  return `${where}: is not there, and is made again with ${versions.join(', ')} as well, from their records; warnings that were in it are lost`;
}
