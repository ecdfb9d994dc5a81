import { failedWith, type ObjectStore, type PutMode } from '@teleport-plugins/object-store';

import type { OperationOptions } from '../content.js';
import { cacheControl, contentType } from '../documents/layout.js';
import { TerraformRegistryError } from '../error.js';
import { jitteredPause, type Pause } from './pause.js';

/** A document that several publishers write. */
export interface SharedDocument<T> {
  readonly key: string;
  readonly limit: number;
  readonly parse: (bytes: Uint8Array, where: string) => T;
  readonly format: (value: T) => Buffer;
}

export interface SharedOptions extends OperationOptions {
  readonly pause?: Pause;
  readonly attempts?: number;
}

export type SharedResult = 'created' | 'replaced' | 'kept';

/**
 * Changes a shared document, whoever else does so meanwhile: what was read is written only if it is
 * still what is there, else it is read and changed again. `change` may be asked several times; it may
 * throw, and then nothing is written. Throws `contended` when others are always faster.
 */
export async function changeShared<T>(
  store: ObjectStore,
  document: SharedDocument<T>,
  change: (current: T | undefined) => T | Promise<T>,
  options: SharedOptions = {},
): Promise<SharedResult> {
  const { pause = jitteredPause, attempts = 200, signal } = options;
  const operation = signal && { signal };
  const where = `${store.name}/${document.key}`;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const stored = await store.get(document.key, operation);
    const bytes = await stored?.bytes(document.limit, operation);
    const current = bytes && document.parse(bytes, where);
    const next = document.format(await change(current));
    // Other spaces in it, by another hand, are no reason to write.
    if (current !== undefined && document.format(current).equals(next)) return 'kept';
    const mode: PutMode = stored === undefined ? 'create' : { replace: stored.version };
    try {
      const labels = { contentType: contentType.json, cacheControl: cacheControl.brief };
      await store.put(document.key, next, { mode, ...labels, ...operation });
      return stored === undefined ? 'created' : 'replaced';
    } catch (error) {
      if (!failedWith(error, 'exists', 'changed')) throw error;
    }
    await pause(attempt, operation);
  }
  throw new TerraformRegistryError(
    'contended',
    `${where}: others have written it before this could, ${attempts} times; run this again`,
  );
}
