import { failedWith, type ObjectStore, type PutMode } from '@teleport-plugins/object-store';

import type { OperationOptions } from '../content.js';
import { TerraformRegistryError } from '../error.js';
import { inParallel } from '../in-parallel.js';
import { nameOf, readManifest, sha256OfStored, type Registry } from '../registry.js';
import type { Finding } from '../verify/findings.js';
import { storeReader } from '../verify/reader.js';
import { remedies, remedyOf } from '../verify/remedy.js';
import { verifyVersion } from '../verify/verify.js';
import { indexDocument, indexEntryOf, mirrorDocument, withVersion } from './index-document.js';
import { jitteredPause, type Pause } from './pause.js';
import { refuseYanked } from './plan.js';
import { conflict, type PlannedObject } from './planned.js';
import { isSettled, type PublishPlan } from './publish-plan.js';
import { recoveredIndex, recoveredMirror } from './recovered-index.js';
import { changeShared, type SharedOptions, type SharedResult } from './shared-document.js';

/** What became of an object. */
export interface PublishEvent {
  readonly kind: SharedResult;
  readonly key: string;
  /** Absent for a document that others write too. */
  readonly size?: number;
}

export interface ApplyOptions extends SharedOptions {
  /** Now, by which the signature must not be from the future. */
  readonly at: Date;
  readonly onEvent?: (event: PublishEvent) => void;
}

/**
 * Writes what was planned, leaves first. The version is verified as a client would before the record of it
 * is written, and listed in the index last; until then no client sees it. Whatever others write meanwhile
 * stays. Running it again after it was interrupted, with a new plan, completes it.
 */
export async function applyPublish(plan: PublishPlan, options: ApplyOptions): Promise<void> {
  await writeLeaves(plan, options);
  await commitVersion(plan, options);
}

/** The first part of it: all that the record and the index lead to, verified. */
export async function writeLeaves(plan: PublishPlan, options: ApplyOptions): Promise<void> {
  const { registry, release, stages } = plan;
  if (isSettled(plan)) return;
  await requireConditions(registry, options);
  for (const stage of stages) {
    await inParallel(stage, 3, (object) => writePlanned(registry, object, options));
  }
  const reader = storeReader(registry.store);
  const entry = indexEntryOf(release);
  refuseFindings(registry, await verifyVersion(reader, registry.address, entry, options));
}

/** The second part, after which clients see the version. */
export async function commitVersion(plan: PublishPlan, options: ApplyOptions): Promise<void> {
  await writePlanned(plan.registry, plan.record, options);
  await listVersion(plan, options);
}

async function writePlanned(
  { store }: Registry,
  object: PlannedObject,
  options: ApplyOptions,
): Promise<void> {
  const kind = await writeObject(store, object, options);
  options.onEvent?.({ kind, key: object.key, size: object.size });
}

/** Makes a version visible: in the index, and then in those of the mirrors. */
async function listVersion(
  { registry, release }: PublishPlan,
  options: ApplyOptions,
): Promise<void> {
  const { store, address, mirrorHosts = [] } = registry;
  const { onEvent = () => undefined } = options;
  const document = indexDocument(address);
  const where = `${store.name}/${document.key}`;
  const operation = options.signal && { signal: options.signal };
  // After a document was read: a yank is noted before it takes the version out.
  const guard = async () => {
    const record = await readManifest(registry, release.version, operation);
    if (record !== undefined) refuseYanked(registry, record.value);
  };
  const kind = await changeShared(
    store,
    document,
    async (current) => {
      await guard();
      const index = current ?? (await recoveredIndex(registry, release.version, operation));
      return withVersion(index, indexEntryOf(release), where);
    },
    options,
  );
  onEvent({ kind, key: document.key });
  for (const host of mirrorHosts) {
    const mirror = mirrorDocument(host, address);
    const mirrored = await changeShared(
      store,
      mirror,
      async (current) => {
        await guard();
        const versions = current ?? (await recoveredMirror(registry, host, operation));
        return [...new Set([...versions, release.version])];
      },
      options,
    );
    onEvent({ kind: mirrored, key: mirror.key });
  }
}

const attempts = 12;

/**
 * Writes one object. Somebody else may have been faster: the same bytes are as good as one's own. A store
 * may also refuse a write that nobody was in the way of; then it is tried again. Throws `conflict` when
 * other bytes are there, `contended` when what was to be replaced is no longer what it was.
 */
export async function writeObject(
  store: ObjectStore,
  object: PlannedObject,
  options: OperationOptions & { readonly pause?: Pause } = {},
): Promise<SharedResult> {
  const { pause = jitteredPause, signal } = options;
  const operation = signal && { signal };
  if (object.act === 'keep') return 'kept';
  const mode: PutMode = object.replaced === undefined ? 'create' : { replace: object.replaced };
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    try {
      await put(store, object, mode, operation);
      return object.act === 'create' ? 'created' : 'replaced';
    } catch (error) {
      if (!failedWith(error, 'exists', 'changed')) throw error;
    }
    const stored = await store.get(object.key, operation);
    if (stored?.version !== object.replaced) {
      const sha256 = stored && (await sha256OfStored(stored, operation));
      if (sha256 === object.sha256) return 'kept';
      if (sha256 !== undefined && object.act === 'create') throw conflict(store, object, sha256);
      break;
    }
    await pause(attempt, operation);
  }
  throw new TerraformRegistryError(
    'contended',
    `${store.name}/${object.key}: was changed by somebody else meanwhile; run this again`,
  );
}

async function put(
  store: ObjectStore,
  { key, sha256, contentType, cacheControl, body }: PlannedObject,
  mode: PutMode,
  options: OperationOptions | undefined,
): Promise<void> {
  const labels = { mode, contentType, cacheControl, ...options };
  if ('store' in body) await store.copy(body, key, { ...labels, sha256 });
  else await store.put(key, body, labels);
}

/** Without conditional writes two publishers at once would lose a version, and none of them would know. */
export async function requireConditions(
  registry: Registry,
  { signal }: OperationOptions,
): Promise<void> {
  if (await registry.store.honoursConditions(signal && { signal })) return;
  throw new TerraformRegistryError(
    'conditions-ignored',
    `${nameOf(registry)}: the server ignores If-Match and If-None-Match, so that publishers would overwrite each other's versions; use a server that honours them`,
  );
}

/** Throws `verification-failed` with all errors that were found. */
function refuseFindings(registry: Registry, findings: readonly Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const isZip = errors.some((each) => remedyOf(each) === 'restore');
  const advice = isZip ? `: ${remedies.restore}, then run this again` : '';
  const told = errors.slice(0, 20).map(({ where, what }) => `  ${where}: ${what}`);
  throw new TerraformRegistryError(
    'verification-failed',
    [
      `${nameOf(registry)}: clients would refuse this; the index was not changed${advice}`,
      ...told,
    ].join('\n'),
  );
}
