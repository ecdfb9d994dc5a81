import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { faultyProcess, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { plain, text } from '../contract/samples.js';
import { directoryStoreIn } from './directory-store.js';
import type { Surroundings } from './surroundings.js';

test('What is left of others is kept while they may still be at it, and swept afterwards', async () => {
  const directory = await temporaryDirectory();
  const internal = join(directory, '.object-store');
  const self = faultyProcess('self', new Set(['dead']));
  const surroundings: Surroundings = {
    ...self,
    processes: {
      self: 'self',
      state: (name) =>
        name.startsWith('elsewhere') ? Promise.resolve('unknown') : self.processes.state(name),
    },
  };
  const open = () => directoryStoreIn(() => Promise.resolve(surroundings), directory);
  await open().put('a', text('first'), plain('create'));
  const leftovers = ['alive-1', 'dead-1', 'elsewhere-recent', 'elsewhere-old'];
  for (const name of leftovers) await writeFile(join(internal, `unfinished-${name}`), 'half');
  const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
  await utimes(join(internal, 'unfinished-elsewhere-old'), twoDaysAgo, twoDaysAgo);

  await open().put('a', text('second'), plain('overwrite'));
  expect((await readdir(internal)).sort()).toEqual([
    'attributes',
    'unfinished-alive-1',
    'unfinished-elsewhere-recent',
  ]);
});
