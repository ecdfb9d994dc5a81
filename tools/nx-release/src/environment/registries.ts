import { access } from 'node:fs/promises';

import {
  formatReference,
  memoryRepository,
  type Digest,
  type Repository,
} from '@teleport-plugins/oci';
import { openRegistry, serveRegistry, type Traffic } from '@teleport-plugins/registry';
import {
  imageRepository,
  type RegistryEndpoint,
  type RegistryRole,
} from '@teleport-plugins/release';

import type { EnvironmentStep } from '../step/step.js';

/** Where the images of a plugin are in one of an environment's registries. */
export interface Place {
  readonly role: RegistryRole;
  readonly repository: Repository;
  /** `host/name:tag@digest`, as people can use it: of an embedded registry as `serve` offers it. */
  reference(parts?: { readonly tag?: string; readonly digest?: Digest }): string;
  /** What has gone to and fro so far. */
  traffic(): Traffic;
}

/**
 * Opens one of the environment's registries until the step ends. An embedded one is served by this process
 * for as long, on a port of its own, so that several steps can do so at the same time. A dry run
 * changes nothing in it, and does not make one.
 */
export async function openPlace(step: EnvironmentStep, role: RegistryRole): Promise<Place> {
  const { plugin, environment, host } = step;
  const endpoint = environment.registry(role);
  const named = imageRepository(endpoint, plugin);
  const reference: Place['reference'] = (parts = {}) => formatReference({ ...named, ...parts });

  const served = await serve(endpoint, step);
  if (served === undefined) {
    const traffic = () => ({ requests: 0, bytesSent: 0, bytesReceived: 0 });
    return { role, repository: memoryRepository(reference()), reference, traffic };
  }
  const registry = openRegistry(served.host, { scheme: served.scheme });
  host.atEnd(() => registry.close());
  const repository = { ...registry.repository(named.repository), name: reference() };
  return { role, repository, reference, traffic: () => registry.traffic };
}

/** Where the registry answers; `undefined` for one that a dry run would have to make. */
async function serve(endpoint: RegistryEndpoint, { host, dryRun }: EnvironmentStep) {
  if (endpoint.kind === 'remote') return endpoint;
  if (dryRun && !(await exists(endpoint.directory))) return undefined;
  const server = await serveRegistry(endpoint.directory, { readOnly: dryRun });
  host.atEnd(() => server.close());
  return { host: server.host, scheme: 'http' as const };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
