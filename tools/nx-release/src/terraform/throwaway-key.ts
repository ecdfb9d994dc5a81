import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { TerraformRole } from '@teleport-plugins/release';
import { Secret } from '@teleport-plugins/secrets';
import { throwawayKey } from '@teleport-plugins/terraform-registry';

import type { ProviderStep } from '../step/step.js';

/** Before any commit, so that signatures can be dated as everywhere else. */
const validFrom = new Date('2020-01-01T00:00:00Z');

/**
 * The key of a registry that nobody is to trust: the one that this machine has made for it, or a new one. A dry
 * run keeps a new one to itself.
 */
export async function keptThrowawayKey(step: ProviderStep, role: TerraformRole): Promise<Secret> {
  const { environment, workspaceRoot, dryRun } = step;
  const path = join(workspaceRoot, '.release', 'keys', `${environment.name}-${role}.asc`);
  const kept = await read(path);
  if (kept !== undefined) return kept;
  const made = await throwawayKey(validFrom, { bits: 2048 });
  if (dryRun) return made;
  await keep(path, made);
  // Another step may have been faster: its key is the one that is kept.
  return (await read(path)) ?? made;
}

async function read(path: string): Promise<Secret | undefined> {
  try {
    return new Secret(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole, and never over another one. */
async function keep(path: string, key: Secret): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(key.reveal());
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
}
