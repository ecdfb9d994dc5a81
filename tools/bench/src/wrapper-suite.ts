import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { inNewFolder, type Bench } from './bench.js';
import { sampleSecrets, writeSampleLog } from './masking/samples.js';
import { run } from './measure.js';
import { ours, type Measurement } from './measurement.js';

const mebibyte = 1024 * 1024;

export interface WrapperOptions {
  /** Of what the command writes, in MiB. */
  readonly size: number;
  /** How often something short is done, to be measured at all. */
  readonly starts: number;
}

/**
 * What with-secrets costs a command: starting it, beside Node that does nothing, and passing on what the command
 * writes, beside a pipe. A command that prints at once waits for what is known of the secrets by then, which is learned
 * while it starts. The program's first start, which bundles it, comes before.
 */
export function wrapperSuite(
  bench: Bench,
  { size, starts }: WrapperOptions,
): Promise<readonly Measurement[]> {
  return inNewFolder(async (folder) => {
    const log = join(folder, 'log');
    await writeSampleLog(log, size * mebibyte);
    const secrets = sampleSecrets.map((value, index) => [`SECRET_${index}`, { value }] as const);
    const files = { log, document: join(folder, 'secrets.json') };
    await writeFile(files.document, JSON.stringify({ secrets: Object.fromEntries(secrets) }));
    const measure = shellOf(bench, files);

    const wrapper = '"$node" tools/with-secrets/bin/with-secrets.cjs';
    const silent = `${wrapper} -- true < "$document"`;
    await measure('bundle', ours, silent);
    const repeated = `${starts} starts of a command with ${secrets.length} secrets`;
    const printing = `${repeated}, which prints a line at once`;
    const passed = `a command that writes ${size} MiB`;
    const node = `node ${process.version}, with nothing to do`;
    return [
      await measure(repeated, ours, times(starts, silent)),
      await measure(repeated, node, times(starts, '"$node" -e 0')),
      await measure(printing, ours, times(starts, `${wrapper} -- echo started < "$document"`)),
      await measure(printing, node, times(starts, '"$node" -e 0')),
      await measure(passed, ours, `${wrapper} -- cat "$log" < "$document" > "$output"`),
      await measure(passed, 'cat through a pipe', 'cat "$log" | cat > "$output"'),
    ];
  });
}

function times(count: number, line: string): string {
  return `left=${count}; while [ $left -gt 0 ]; do ${line} || exit; left=$((left - 1)); done`;
}

/** Measures lines of shell. */
function shellOf(
  { workspace: { root, env } }: Bench,
  files: Readonly<Record<string, string>>,
): (what: string, who: string, line: string) => Promise<Measurement> {
  const variables = { ...env, ...files, node: process.execPath, output: '/dev/null' };
  return async (what, who, line) => {
    const { wall, cpu, peakMemory } = await run({
      program: '/bin/sh',
      args: ['-c', line],
      cwd: root,
      env: variables,
    });
    return { what, who, wall, cpu, peakMemory };
  };
}
