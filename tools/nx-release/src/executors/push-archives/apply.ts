import { basename } from 'node:path';

import { failedWith, type ObjectStore } from '@teleport-plugins/object-store';
import type { ObjectReceipt } from '@teleport-plugins/release';

import { StepError } from '../../error.js';
import { bytes } from '../../step/amounts.js';
import type { ProviderStep } from '../../step/step.js';
import { sha256At, type ArchivesPush, type BuiltObject, type PlannedObject } from './plan.js';
import { otherBytes } from './refusals.js';

/**
 * Writes what was planned, in its order, but for one checksum that comes first and shows whether the server holds
 * to conditions. Somebody else may have been faster: the same bytes are as good as one's own. Throws StepError
 * `digest-differs` for others, `conditions-ignored` before any archive is written.
 */
export async function putArchives(
  step: ProviderStep,
  push: ArchivesPush,
  artifacts: ObjectStore,
): Promise<readonly ObjectReceipt[]> {
  const isNothing = push.objects.every(({ act }) => act === 'keep');
  const small = isNothing ? undefined : push.objects.find(isChecksum);
  const first = small && (await putOne(step, small, artifacts));
  if (small !== undefined) await requireConditions(step, push, small, artifacts);
  const receipts: ObjectReceipt[] = [];
  for (const object of push.objects) {
    const isDone = object === small && first !== undefined;
    receipts.push(isDone ? first : await putOne(step, object, artifacts));
  }
  return receipts;
}

function isChecksum(object: PlannedObject): object is BuiltObject {
  return 'body' in object && object.key.endsWith('.sha256');
}

async function putOne(
  step: ProviderStep,
  object: PlannedObject,
  artifacts: ObjectStore,
): Promise<ObjectReceipt> {
  const { host } = step;
  const { key, size, sha256 } = object;
  const receipt = { key, sha256, size };
  if (!('body' in object) || object.act === 'keep') return { ...receipt, result: 'already' };
  if (await isCreated(step, object, artifacts)) {
    host.print(`  created ${basename(key)} ${bytes(size)}`);
    return { ...receipt, result: 'created' };
  }
  const found = await sha256At(step, artifacts, key);
  if (found === sha256) return { ...receipt, result: 'already' };
  throw otherBytes(step, artifacts, { key, sha256 }, found ?? 'of nothing');
}

/**
 * Writes an object that is there once more: the same bytes, which do no harm where that is not refused. A throwaway
 * key would need more rights than those to the folder of the release.
 */
async function requireConditions(
  step: ProviderStep,
  { where }: ArchivesPush,
  object: BuiltObject,
  artifacts: ObjectStore,
): Promise<void> {
  if (!(await isCreated(step, object, artifacts))) return;
  throw new StepError(
    'conditions-ignored',
    `${where}: the server ignores If-None-Match, so that another machine's archives could be overwritten; use a server that honours it`,
  );
}

async function isCreated(
  { host }: ProviderStep,
  { key, body, contentType }: BuiltObject,
  artifacts: ObjectStore,
): Promise<boolean> {
  try {
    await artifacts.put(key, body, { mode: 'create', contentType, signal: host.signal });
    return true;
  } catch (error) {
    if (failedWith(error, 'exists')) return false;
    throw error;
  }
}
