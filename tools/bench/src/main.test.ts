import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { describeWithPeer } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

interface Output {
  readonly measurements: readonly {
    readonly what: string;
    readonly who: string;
    readonly written?: { readonly bytes: number };
  }[];
  readonly ratios: readonly { readonly what: string; readonly peer: string }[];
}

/** One run of a suite, with everything small. */
async function bench(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(root, 'tools/bench/bin/bench.js'), ...['--json', '--runs', '1', ...args]],
    { cwd: root, env },
  );
  return { ...(JSON.parse(stdout) as Output), stderr };
}

const number = expect.any(Number) as number;

test('a small run of the benchmark measures what it should', async () => {
  const { measurements } = await bench(['--only', 'layer', '--layer', '1']);
  expect(measurements.find(({ who }) => who === 'ours')).toMatchObject({
    what: 'copy a layer of 1 MiB',
    served: { bytesSent: number },
    peakMemory: number,
  });
});

test('the benchmark of masks measures learning secrets, and masking them', async () => {
  const { measurements } = await bench(['--only', 'masking', '--log', '1'], {
    PATH: '/nonexistent',
  });
  const mebibyte = 1024 * 1024;
  expect(measurements).toMatchObject([
    { what: 'learn 15 secrets', who: 'ours', wall: number },
    { what: 'mask 15 secrets in 1 MiB', who: 'ours', written: { bytes: number } },
  ]);
  // Masks are shorter than what they stand for, and most lines hold none.
  const { bytes } = measurements[1]?.written ?? { bytes: 0 };
  expect(bytes).toBeGreaterThan(0.8 * mebibyte);
  expect(bytes).toBeLessThan(mebibyte);
});

test('the benchmark of with-secrets measures starting a command, and passing on what it writes', async () => {
  const { measurements, ratios } = await bench([
    '--only',
    'wrapper',
    '--log',
    '1',
    '--starts',
    '2',
  ]);
  const starting = '2 starts of a command with 15 secrets';
  const writing = 'a command that writes 1 MiB';
  const printing = `${starting}, which prints a line at once`;
  expect(measurements.map(({ what }) => what)).toEqual(
    [starting, printing, writing].flatMap((what) => [what, what]),
  );
  const node = expect.stringMatching(/^node v\d/) as string;
  expect(ratios).toMatchObject([
    { what: starting, peer: node, wall: number },
    { what: printing, peer: node, wall: number },
    { what: writing, peer: 'cat through a pipe', wall: number },
  ]);
});

const archives = ['--only', 'archives', '--executable', '1', '--platforms', '2'];

describe('The benchmark of archives', () => {
  test('measures them without Go too, and says how to get it', async () => {
    const { measurements, ratios, stderr } = await bench(archives, { PATH: '/nonexistent' });
    expect(stderr).toContain('go is not on the PATH');
    expect(stderr).toContain('apt-get install golang-go');
    expect(ratios).toEqual([]);
    const written = (objects: number) => ({ objects, bytes: number });
    expect(measurements).toMatchObject([
      { what: 'repack 2 archives of 1 MiB', who: 'ours', cpu: number, written: written(2) },
      // Two zips; the sums and their signature; two documents, those of discovery and of the mirror, and
      // the record; the two indexes.
      { what: 'tf-stage 2 archives of 1 MiB', written: written(11) },
      { what: 'tf-stage 2 archives of 1 MiB, again', written: { objects: 0, bytes: 0 } },
      { what: 'tf-release 2 archives of 1 MiB', written: written(11) },
      { what: 'tf-release 2 archives of 1 MiB, again', written: { objects: 0, bytes: 0 } },
      { what: 'repack an archive of 8 MiB', peakMemory: number, written: written(1) },
    ]);
  });

  test('refuses what it has no platforms for', async () => {
    await expect(bench(['--only', 'archives', '--platforms', '9'])).rejects.toThrow(
      '--platforms: expected a whole number from 1 to 8, found 9',
    );
  });

  describeWithPeer({ program: 'go', install: 'apt-get install golang-go' }, () => {
    test('compares them with Go, once its zips hold the same', async () => {
      const { ratios } = await bench(archives);
      const go = expect.stringMatching(/^go \d+\.\d+/) as string;
      const compared = { wall: number, cpu: number, peakMemory: number, written: number };
      expect(ratios).toMatchObject([
        { what: 'repack 2 archives of 1 MiB', peer: go, ...compared },
        { peer: expect.stringContaining('two at once') as string, ...compared },
        { what: 'repack an archive of 8 MiB', peer: go, ...compared },
      ]);
    });
  });
});
