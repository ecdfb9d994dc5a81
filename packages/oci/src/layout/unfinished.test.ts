import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { faultyProcess, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { createLayoutIn } from './layout.js';
import type { Surroundings } from './surroundings.js';

test('What is left of others is kept while they may still be at it, and swept afterwards', async () => {
  const directory = await temporaryDirectory();
  const self = faultyProcess('self', new Set(['dead']));
  const surroundings: Surroundings = {
    ...self,
    processes: {
      self: 'self',
      state: (name) =>
        name.startsWith('elsewhere') ? Promise.resolve('unknown') : self.processes.state(name),
    },
  };
  await createLayoutIn(surroundings, directory);
  const leftovers = ['alive-1', 'dead-1', 'elsewhere-recent', 'elsewhere-old'];
  for (const name of leftovers) await writeFile(join(directory, `.unfinished-${name}`), 'half');
  const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
  await utimes(join(directory, '.unfinished-elsewhere-old'), twoDaysAgo, twoDaysAgo);

  await createLayoutIn(surroundings, directory);
  expect((await readdir(directory)).filter((name) => name.startsWith('.'))).toEqual([
    '.unfinished-alive-1',
    '.unfinished-elsewhere-recent',
  ]);
});
