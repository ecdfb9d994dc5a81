import type { ObjectStore } from '@teleport-plugins/object-store';

import type { OperationOptions } from '../content.js';
import type { PlannedObject } from './planned.js';
import {
  changeShared,
  type SharedDocument,
  type SharedOptions,
  type SharedResult,
} from './shared-document.js';

/** What will be done to a document that others write too. What it holds by then is merged. */
export interface PlannedChange {
  readonly key: string;
  readonly act: PlannedObject['act'];
}

/** A change of a shared document, which can be planned and made. Both throw what the change itself throws. */
export interface SharedEdit {
  /** What it makes of the document as that is now. Reads only. */
  planned(options?: OperationOptions): Promise<PlannedChange>;
  applied(options: SharedOptions): Promise<SharedResult>;
}

export function sharedEdit<T>(
  store: ObjectStore,
  document: SharedDocument<T>,
  change: (current: T | undefined) => T | Promise<T>,
): SharedEdit {
  const { key, limit, parse, format } = document;
  return {
    async planned(options) {
      const bytes = await (await store.get(key, options))?.bytes(limit, options);
      const current = bytes && parse(bytes, `${store.name}/${key}`);
      const next = format(await change(current));
      if (current === undefined) return { key, act: 'create' };
      return { key, act: format(current).equals(next) ? 'keep' : 'replace' };
    },
    applied: (options) => changeShared(store, document, change, options),
  };
}
