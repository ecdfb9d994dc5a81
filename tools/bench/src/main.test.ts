import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

test('a small run of the benchmark measures what it should', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...['--import', '@swc-node/register/esm-register', join(import.meta.dirname, 'main.ts')],
      ...['--json', '--runs', '1', '--only', 'layer', '--layer', '1'],
    ],
    { cwd: root },
  );
  const { measurements } = JSON.parse(stdout) as {
    readonly measurements: readonly { readonly who: string; readonly served: object }[];
  };
  expect(measurements.find(({ who }) => who === 'ours')).toMatchObject({
    what: 'copy a layer of 1 MiB',
    served: { bytesSent: expect.any(Number) as number },
    peakMemory: expect.any(Number) as number,
  });
});
