import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { inNewFolder, measureStep, type Bench } from './bench.js';
import { sampleSecrets, writeSampleLog } from './masking/samples.js';
import { run } from './measure.js';
import type { Measurement } from './measurement.js';
import type { InstalledProgram } from './peers.js';

const mebibyte = 1024 * 1024;

export interface MaskingOptions {
  /** Of the log, in MiB. */
  readonly size: number;
  /** Perl, when it is installed. */
  readonly perl: InstalledProgram | undefined;
}

/**
 * Secrets are masked in a log: as they are by a program in Perl, and in all the forms that we know by ours. How much
 * passes in a second is the size by the time. Learning the secrets is in it, and also measured by itself.
 */
export function maskingSuite(
  bench: Bench,
  { size, perl }: MaskingOptions,
): Promise<readonly Measurement[]> {
  return inNewFolder(async (folder) => {
    const log = join(folder, 'log');
    await writeSampleLog(log, size * mebibyte);
    const what = `mask ${sampleSecrets.length} secrets in ${size} MiB`;
    return [
      await measureStep(bench, `learn ${sampleSecrets.length} secrets`, 'learn', {}),
      await measureStep(bench, what, 'mask', { file: log }),
      ...(perl === undefined ? [] : [await measurePerl(bench, what, perl, folder, log)]),
    ];
  });
}

async function measurePerl(
  { workspace: { root, env } }: Bench,
  what: string,
  perl: InstalledProgram,
  folder: string,
  log: string,
): Promise<Measurement> {
  const script = join(folder, 'mask.pl');
  await writeFile(script, perlScript());
  const { wall, cpu, peakMemory } = await run({
    program: perl.program,
    args: [script, log],
    cwd: root,
    env,
  });
  return { what, who: perl.name, wall, cpu, peakMemory };
}

/** Line by line, as the lines of keys are masked, too. */
function perlScript(): string {
  const texts = sampleSecrets.flatMap((secret) =>
    secret.split('\n').filter((line) => line.length > 3),
  );
  const pattern = texts.map((text) => text.replace(/\W/g, '\\$&')).join('|');
  return `my $secrets = qr{${pattern}};\nwhile (<>) { s/$secrets/***/g; }\n`;
}
