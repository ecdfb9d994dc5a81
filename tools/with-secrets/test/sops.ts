import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';

import { environment } from './program.js';

/**
 * An environment with a program `sops` that runs lines of shell. With `--sops` the standard input is the command's,
 * which a test can then talk to.
 */
export async function withSops(...lines: readonly string[]): Promise<Record<string, string>> {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, 'sops'), ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  const { PATH = '' } = environment();
  return environment({ PATH: [folder, PATH].join(delimiter) });
}

/** Lines of shell that print a document. */
export function prints(document: string): readonly string[] {
  return ["cat <<'END'", `${document}END`];
}
