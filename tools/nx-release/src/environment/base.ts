import { join } from 'node:path';

import { hostBase, pulledBase, type BaseImage } from '@teleport-plugins/image';
import { openRegistry } from '@teleport-plugins/registry';

import type { EnvironmentStep } from '../step/step.js';
import { proxyOf } from './proxy.js';
import { temporaryFolder } from './temporary-folder.js';

/**
 * The base that the environment names, until the step ends. Its blobs are kept in a cache that all
 * plugins share, and obtained again when they are gone from there; a dry run leaves that cache alone.
 */
export async function openBase(step: EnvironmentStep): Promise<BaseImage> {
  const { environment, workspaceRoot, host, dryRun } = step;
  const cache = dryRun ? await temporaryFolder(host) : join(workspaceRoot, '.release', 'bases');
  const choice = environment.base();
  if (choice.kind === 'host') return hostBase(cache, { signal: host.signal });
  const { registry: name, repository } = choice.reference;
  const credentials = host.logins.forRepository(repository);
  const registry = openRegistry(name, { proxy: proxyOf(host.env), credentials });
  host.atEnd(() => registry.close());
  const from = registry.repository(repository);
  return pulledBase(choice.reference, from, cache, { signal: host.signal });
}
