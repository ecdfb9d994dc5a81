import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Host } from '../host.js';

/** A new folder outside the workspace, removed when the step ends. */
export async function temporaryFolder(host: Host): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'teleport-plugins-'));
  host.atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
