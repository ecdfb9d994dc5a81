import { readFile } from 'node:fs/promises';

import type { Credential, CredentialOptions, CredentialProvider } from '@teleport-plugins/registry';

import { AuthError } from '../error.js';
import { keeping } from '../kept.js';
import { parseDockerConfig, type DockerConfig } from './config.js';
import { credentialOf } from './entry.js';
import { helperProcesses } from './helper-process.js';
import { askHelper, type RunHelper } from './helper.js';
import type { JsonObject } from './json.js';
import { entriesFor, serverOf } from './keys.js';
import { configurationFiles, type Surroundings } from './locations.js';
import { shown } from '../shown.js';

export interface DockerCredentialsOptions extends Surroundings {
  /** Default: a process, looked up on the PATH of `variables` and started with these. */
  readonly runHelper?: RunHelper;
  /** How long a credential helper may take, in milliseconds. Default: 60 s; some ask a person. */
  readonly helperTimeout?: number;
  /** Milliseconds since some moment; never goes back. */
  readonly now?: () => number;
}

/** Credentials for registries as a whole: those of one repository or namespace are not among them. */
export interface DockerCredentials extends CredentialProvider {
  /** The same with the entries for one repository (`acme/tools/server`) or a namespace above it. */
  forRepository(repository: string): CredentialProvider;
}

/**
 * What docker, podman or skopeo have been logged in with, from their configuration files and credential
 * helpers: read, never written. The variable DOCKER_AUTH_CONFIG (the content of such a file) comes first,
 * then `configurationFiles`; the first that has a credential for the registry gives it. A file that does
 * not exist has none.
 *
 * Within a file: the registry's helper (`credHelpers`) and nothing else; without one, `auths` for the
 * repository or a namespace above it, the common store (`credsStore`), and `auths` for the registry.
 *
 * However many ask at a time, a file is read and a helper is run once for a registry, and again for who
 * asks more than five minutes later: a token that a helper hands out may have run out then. When what
 * they gave has been refused that is done at once: it may have run out, and somebody may have logged in.
 *
 * Throws AuthError for a file that cannot be read or understood, and for a helper that is missing or
 * fails: going on without the credential would end in an error that does not say why.
 */
export function dockerCredentials(options: DockerCredentialsOptions): DockerCredentials {
  const {
    variables,
    runHelper = helperProcesses(variables),
    helperTimeout: timeout = 60_000,
    now = () => performance.now(),
  } = options;
  const files = configurationFiles(options);
  const keptFiles = keeping<DockerConfig | undefined>({ keepFor, now });
  const keptAnswers = keeping<Credential | undefined>({ keepFor, now });

  const ask = (helper: string, server: string, where: string, { signal, refused }: Wanted) =>
    keptAnswers.get(
      `${helper} ${server}`,
      (working) => askHelper(runHelper, { helper, server, where, timeout, signal: working }),
      { signal, isStale: (kept) => kept !== undefined && kept === refused },
    );

  const inConfig = async (
    config: DockerConfig,
    wanted: Wanted,
  ): Promise<Credential | undefined> => {
    const { where, credHelpers, credsStore = '' } = config;
    const { registry, repository } = wanted;
    const server = serverOf(registry);
    const [own] = entriesFor(credHelpers, registry);
    if (own !== undefined && own.value !== '') {
      return ask(own.value, server, `${where}: credHelpers: ${shown(own.key)}`, wanted);
    }
    const ofNamespace =
      repository === undefined ? undefined : inAuths(config, registry, repository);
    if (ofNamespace) return ofNamespace;
    const useStore = own === undefined && credsStore !== '';
    const stored = useStore
      ? await ask(credsStore, server, `${where}: credsStore`, wanted)
      : undefined;
    return stored ?? inAuths(config, registry);
  };

  const inFile = async (file: string, wanted: Wanted): Promise<Credential | undefined> => {
    const { signal, refused } = wanted;
    const read = () => readConfig(file);
    const config = await keptFiles.get(file, read, { signal });
    const found = config && (await inConfig(config, wanted));
    if (found === undefined || found !== refused) return found;
    const isStale = (kept: DockerConfig | undefined) => kept === config;
    const changed = await keptFiles.get(file, read, { signal, isStale });
    return changed && inConfig(changed, wanted);
  };

  const find = async (wanted: Wanted): Promise<Credential | undefined> => {
    const { DOCKER_AUTH_CONFIG: inline } = variables;
    if (inline) {
      const found = await inConfig(parseDockerConfig(inline, 'DOCKER_AUTH_CONFIG'), wanted);
      if (found) return found;
    }
    for (const file of files) {
      const found = await inFile(file, wanted);
      if (found) return found;
    }
    return undefined;
  };

  const provider: CredentialProvider = (registry, asked) => find({ registry, ...asked });
  return Object.assign(provider, {
    forRepository:
      (repository: string): CredentialProvider =>
      (registry, asked) =>
        find({ registry, repository, ...asked }),
  });
}

const keepFor = () => 5 * 60_000;

interface Wanted extends CredentialOptions {
  readonly registry: string;
  readonly repository?: string;
}

/** By entry: the same entry gives the same object, by which it is known when it has been refused. */
const decoded = new WeakMap<JsonObject, Credential>();

function inAuths(
  { auths, where }: DockerConfig,
  registry: string,
  repository?: string,
): Credential | undefined {
  for (const { key, value } of entriesFor(auths, registry, repository)) {
    const place = { where: `${where}: auths: ${shown(key)}`, code: 'config-invalid' } as const;
    const found = decoded.get(value) ?? credentialOf(value, place);
    if (found === undefined) continue;
    decoded.set(value, found);
    return found;
  }
  return undefined;
}

async function readConfig(file: string): Promise<DockerConfig | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new AuthError(
      'config-unreadable',
      `${file}: the registries' credentials there cannot be read (${code}); let this user read it, or name another file with REGISTRY_AUTH_FILE`,
      { cause },
    );
  }
  return parseDockerConfig(text, file);
}
