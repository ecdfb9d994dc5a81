import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

const sources = join(import.meta.dirname, '..');

test('nothing of the SDK is loaded before it is needed', async () => {
  const files = (await readdir(sources, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.includes('test'),
  );
  const loading: string[] = [];
  for (const file of files) {
    const source = await readFile(join(sources, file), 'utf8');
    const eager =
      /^(?:import|export)(?! type)[^;]* from '(?:@aws-sdk\/|@smithy\/|https-proxy-agent)/m;
    if (eager.test(source)) loading.push(file);
  }
  expect(files.length).toBeGreaterThan(20);
  expect(loading).toEqual([]);
});
