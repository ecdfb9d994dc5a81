import type { ObjectStore } from '@teleport-plugins/object-store';

/** At which write, counted from 0, a process ends: before it is done, or right after. */
export interface Death {
  readonly at: number;
  readonly when: 'before' | 'after';
}

export interface MortalStore {
  readonly store: ObjectStore;
  /** The keys that were written so far. */
  readonly writes: readonly string[];
}

/** A store as one process has it, which ends at a write. From then on that process does nothing more. */
export function mortal(store: ObjectStore, death?: Death): MortalStore {
  const writes: string[] = [];
  let dead = false;
  const alive = () => {
    if (dead) throw new Error('killed');
  };
  async function write<T>(key: string, act: () => Promise<T>): Promise<T> {
    alive();
    const at = writes.push(key) - 1;
    if (at === death?.at && death.when === 'before') dead = true;
    alive();
    const result = await act();
    if (at === death?.at) dead = true;
    alive();
    return result;
  }
  return {
    writes,
    store: {
      ...store,
      async get(key, options) {
        alive();
        return store.get(key, options);
      },
      put: (key, body, options) => write(key, () => store.put(key, body, options)),
      copy: (from, key, options) => write(key, () => store.copy(from, key, options)),
      delete: (key, options) => write(key, () => store.delete(key, options)),
    },
  };
}
