import {
  formatReference,
  memoryRepository,
  type Digest,
  type Reference,
  type Repository,
} from '@teleport-plugins/oci';
import {
  openRegistry,
  RegistryError,
  serveRegistry,
  type Registry,
  type Traffic,
} from '@teleport-plugins/registry';
import {
  imageRepository,
  type EmbeddedRegistry,
  type RegistryRole,
  type RemoteRegistry,
} from '@teleport-plugins/release';

import type { EnvironmentStep } from '../step/step.js';
import { proxyOf } from './proxy.js';

/** Where the images of a plugin are in one of an environment's registries, until the step ends. */
export interface Place {
  /** To plan with: nothing can be written through it where that can be prevented. */
  readonly repository: Repository;
  /** To write to, once the plan has been accepted. */
  readonly forWriting: () => Promise<Repository>;
  /** `host/name:tag@digest`, as people can use it: of an embedded registry as `serve` offers it. */
  reference(parts?: { readonly tag?: string; readonly digest?: Digest }): string;
  /** What has gone to and fro so far. */
  traffic(): Traffic;
}

/** `access` says whether the step is going to write there. */
export async function openPlace(
  step: EnvironmentStep,
  role: RegistryRole,
  access: 'read' | 'write',
): Promise<Place> {
  const endpoint = step.environment.registry(role);
  const name = imageRepository(endpoint, step.plugin);
  const registries: Registry[] = [];
  const open: Open = (host, options) => {
    const registry = openRegistry(host, options);
    registries.push(registry);
    step.host.atEnd(() => registry.close());
    return registry;
  };
  const repositories =
    endpoint.kind === 'remote'
      ? remote(step, endpoint, { name, access, open })
      : await embedded(step, endpoint, { name, open });
  return {
    ...repositories,
    reference: (parts = {}) => formatReference({ ...name, ...parts }),
    traffic: () => ({
      requests: sum(registries, 'requests'),
      bytesSent: sum(registries, 'bytesSent'),
      bytesReceived: sum(registries, 'bytesReceived'),
    }),
  };
}

type Open = typeof openRegistry;
type Repositories = Pick<Place, 'repository' | 'forWriting'>;

function remote(
  { dryRun, host: { env, logins } }: EnvironmentStep,
  { host, scheme }: RemoteRegistry,
  { name, access, open }: { name: Reference; access: 'read' | 'write'; open: Open },
): Repositories {
  // One that is written to is asked for one token, which serves for reading too.
  const needed = access === 'write' && !dryRun ? 'push' : 'pull';
  const credentials = logins.forRepository(name.repository);
  const options = { scheme, proxy: proxyOf(env), credentials };
  const repository = open(host, options).repository(name.repository, { access: needed });
  return { repository, forWriting: () => Promise.resolve(repository) };
}

/**
 * A registry that this process serves for as long as the step takes, on a port of its own, so that
 * several steps can do so at the same time: for reading first, which leaves its folder untouched.
 */
async function embedded(
  { host }: EnvironmentStep,
  { directory }: EmbeddedRegistry,
  { name, open }: { name: Reference; open: Open },
): Promise<Repositories> {
  const shownName = formatReference(name);
  const serve = async (options: { readonly readOnly: boolean }): Promise<Repository> => {
    const server = await serveRegistry(directory, options);
    host.atEnd(() => server.close());
    return { ...open(server.host).repository(name.repository), name: shownName };
  };
  const reading = serve({ readOnly: true }).catch((error: unknown) => {
    // There is none yet: it is made when it is written to.
    if (error instanceof RegistryError && error.code === 'registry-missing') {
      return memoryRepository(shownName);
    }
    throw error;
  });
  return { repository: await reading, forWriting: () => serve({ readOnly: false }) };
}

function sum(registries: readonly Registry[], key: keyof Traffic): number {
  return registries.reduce((total, { traffic }) => total + traffic[key], 0);
}
