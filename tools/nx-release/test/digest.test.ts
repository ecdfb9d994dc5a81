import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cloneWorkspace, type RunOptions } from '@teleport-plugins/testing';
import { expect, onTestFinished, test } from 'vitest';

test('two clones in other folders, time zones, languages and umasks build the same images', async () => {
  const [one, other] = [
    await build('a', { env: { TZ: 'Pacific/Auckland', LC_ALL: 'C' }, umask: '077' }),
    await build('some/where else/deep', {
      env: { TZ: 'America/Los_Angeles', LC_ALL: 'tr_TR.UTF-8' },
      umask: '000',
    }),
  ];
  expect(other).toEqual(one);
});

/** What a clone builds: the description of each image, and the bytes of its bundle. */
async function build(folder: string, options: RunOptions): Promise<readonly string[]> {
  const clone = await cloneWorkspace(folder);
  onTestFinished(() => clone.remove());
  const { code, output } = await clone.nx('run-many -t build-image', options);
  expect(code, output).toBe(0);
  const files = ['email', 'slack'].flatMap((plugin) =>
    ['image.json', 'bundle/main.mjs', 'bundle/LICENSES.txt'].map((file) =>
      readFile(join(clone.root, 'packages/plugins', plugin, 'dist', file), 'utf8'),
    ),
  );
  return Promise.all(files);
}
