/**
 * A process of its own for the tests. `add <folder> <name> <count>` adds so many times to a document by
 * compare-and-swap. `hold <folder>` takes the lock, `stall <folder>` writes half of an object; both say so
 * and stay until they are killed.
 */
import { join } from 'node:path';

import { addOne } from '../../test/counting.js';
import { directoryStore } from '../directory-store.js';
import { withLock } from '../lock.js';
import { realSurroundings } from '../surroundings.js';

const [task, folder = '', name = '', count = '0'] = process.argv.slice(2);

if (task === 'add') {
  const store = directoryStore(folder);
  for (let round = 0; round < Number(count); round += 1) await addOne(store, 'document', name);
} else if (task === 'hold') {
  const internal = join(folder, '.object-store');
  await withLock(internal, await realSurroundings(), undefined, stay);
} else {
  await directoryStore(folder).put(
    'a/b',
    { size: 8, open: half },
    { mode: 'overwrite', contentType: 'text/plain' },
  );
}

async function* half(): AsyncIterable<Uint8Array> {
  yield Buffer.from('half');
  await stay();
}

function stay(): Promise<never> {
  process.stdout.write('here\n');
  return new Promise(() => setInterval(() => undefined, 60_000));
}
