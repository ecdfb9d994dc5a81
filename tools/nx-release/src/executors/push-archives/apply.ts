import { basename } from 'node:path';

import { failedWith, type ObjectStore } from '@teleport-plugins/object-store';
import type { ObjectReceipt } from '@teleport-plugins/release';

import { bytes } from '../../step/amounts.js';
import type { ProviderStep } from '../../step/step.js';
import { sha256At, type ArchivesPush } from './plan.js';
import { otherBytes } from './refusals.js';

/**
 * Writes what was planned, in its order. Somebody else may have been faster: the same bytes are as good as
 * one's own. Throws StepError `digest-differs` for others.
 */
export async function putArchives(
  step: ProviderStep,
  { objects }: ArchivesPush,
  artifacts: ObjectStore,
): Promise<readonly ObjectReceipt[]> {
  const { host } = step;
  const receipts: ObjectReceipt[] = [];
  for (const object of objects) {
    const { key, size, sha256 } = object;
    const receipt = { key, sha256, size };
    if (object.act === 'keep') {
      receipts.push({ ...receipt, result: 'already' });
      continue;
    }
    const { body, contentType } = object;
    try {
      await artifacts.put(key, body, { mode: 'create', contentType, signal: host.signal });
      host.print(`  created ${basename(key)} ${bytes(size)}`);
      receipts.push({ ...receipt, result: 'created' });
    } catch (error) {
      if (!failedWith(error, 'exists')) throw error;
      const found = await sha256At(step, artifacts, key);
      if (found !== sha256)
        throw otherBytes(step, artifacts, { key, sha256 }, found ?? 'of nothing');
      receipts.push({ ...receipt, result: 'already' });
    }
  }
  return receipts;
}
