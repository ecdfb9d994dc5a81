import {
  formatReference,
  memoryRepository,
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
import type {
  EmbeddedRegistry,
  RegistryAccess,
  RegistryEndpoint,
  RemoteRegistry,
} from '@teleport-plugins/release';

import type { EnvironmentStep } from '../step/step.js';
import { challengeOf } from './amazon.js';
import { creation } from './creation.js';
import { explained } from './explained.js';
import type { Place } from './place.js';
import { proxyOf } from './proxy.js';
import type { AmazonSignIn } from './sign-in.js';

/** The repository that a step has at a place, and what has gone to and fro so far. */
type Repositories = Omit<Place, 'reference'> & { readonly traffic: () => Traffic };

interface Opening {
  readonly name: Reference;
  /** Whether the step is going to write there. */
  readonly access: RegistryAccess;
  /** Where the registry is one of Amazon's. */
  readonly signIn: AmazonSignIn | undefined;
  /** Who has signed in there, as an ARN, if anybody has. */
  readonly identity: () => string | undefined;
}

export function openRepositories(
  step: EnvironmentStep,
  endpoint: RegistryEndpoint,
  opening: Opening,
): Promise<Repositories> {
  return endpoint.kind === 'remote'
    ? remote(step, endpoint, opening)
    : embedded(step, endpoint, opening);
}

function remote(
  step: EnvironmentStep,
  { host, scheme }: RemoteRegistry,
  { name, access, signIn, identity }: Opening,
): Promise<Repositories> {
  const { env, logins } = step.host;
  // One that is written to is asked for one token, which serves for reading too.
  const needed = access === 'write' && !step.dryRun ? 'push' : 'pull';
  const challenge = signIn && challengeOf(host);
  const registry = openRegistry(host, {
    scheme,
    proxy: proxyOf(env),
    credentials: signIn?.credentials ?? logins.forRepository(name.repository),
    ...(challenge !== undefined && { challenge }),
  });
  step.host.atEnd(() => registry.close());
  const opened = registry.repository(name.repository, { access: needed });
  const repository = signIn ? explained(opened, (error) => sayingWho(error, identity())) : opened;
  return Promise.resolve({
    repository,
    ...(signIn ? creation(step, name, repository, signIn) : nothingToMake(repository)),
    traffic: () => registry.traffic,
  });
}

/** A registry of Amazon's says what is not allowed, and not to whom. */
function sayingWho(error: unknown, arn: string | undefined): unknown {
  const isRefused =
    error instanceof RegistryError && ['denied', 'unauthorized'].includes(error.code);
  if (!isRefused || arn === undefined) return error;
  const { code, message, status } = error;
  const who = `signed in as ${arn}: its policies must allow this; --print-policy shows what the step needs`;
  return new RegistryError(code, `${message} (${who})`, { cause: error, status });
}

function nothingToMake(repository: Repository): Pick<Place, 'preparation' | 'forWriting'> {
  return {
    preparation: () => Promise.resolve([]),
    forWriting: () => Promise.resolve(repository),
  };
}

/**
 * A registry that this process serves for as long as the step takes, on a port of its own, so that
 * several steps can do so at the same time: for reading first, which leaves its folder untouched.
 */
async function embedded(
  { host }: EnvironmentStep,
  { directory }: EmbeddedRegistry,
  { name }: Opening,
): Promise<Repositories> {
  const shownName = formatReference(name);
  const registries: Registry[] = [];
  const serve = async (options: { readonly readOnly: boolean }): Promise<Repository> => {
    const server = await serveRegistry(directory, options);
    host.atEnd(() => server.close());
    const registry = openRegistry(server.host);
    registries.push(registry);
    host.atEnd(() => registry.close());
    return { ...registry.repository(name.repository), name: shownName };
  };
  const reading = serve({ readOnly: true }).catch((error: unknown) => {
    // There is none yet: it is made when it is written to.
    if (error instanceof RegistryError && error.code === 'registry-missing') {
      return memoryRepository(shownName);
    }
    throw error;
  });
  return {
    repository: await reading,
    preparation: () => Promise.resolve([]),
    forWriting: () => serve({ readOnly: false }),
    traffic: () => ({
      requests: sum(registries, 'requests'),
      bytesSent: sum(registries, 'bytesSent'),
      bytesReceived: sum(registries, 'bytesReceived'),
    }),
  };
}

function sum(registries: readonly Registry[], key: keyof Traffic): number {
  return registries.reduce((total, { traffic }) => total + traffic[key], 0);
}
