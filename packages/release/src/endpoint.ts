import { isIPv4 } from 'node:net';

import {
  formatReference,
  parseReference,
  parseRepositoryName,
  type Reference,
} from '@teleport-plugins/oci';

import { accepted } from './accepted.js';
import { ReleaseError } from './error.js';
import { byType, type Decoder, integer, refused } from './json/decode.js';
import { object, required } from './json/object.js';
import type { ImagePlugin } from './plugin.js';
import { type Setting, setting } from './setting.js';
import { folderInside } from './workspace-folder.js';

/** One of an environment's two registries, and the namespace in it that holds the plugins. */
export type RegistryEndpoint = EmbeddedRegistry | RemoteRegistry;

/** A registry that a step serves itself for as long as it runs. */
export interface EmbeddedRegistry {
  readonly kind: 'embedded';
  /** Where its state is: an absolute path inside the workspace. */
  readonly directory: string;
  /** Where the `serve` target offers it on 127.0.0.1. */
  readonly port: number;
  readonly namespace: string;
}

export interface RemoteRegistry {
  readonly kind: 'remote';
  /** `host[:port]`, lower case. */
  readonly host: string;
  /** `http` for loopback hosts only. */
  readonly scheme: 'http' | 'https';
  readonly namespace: string;
}

export const remoteExpected =
  'a registry with a namespace, such as "public.ecr.aws/gravitational" or "127.0.0.1:5000/acme"';

/** Reads `host[:port]/namespace`; `undefined` when it is not that. */
export function parseRemote(text: string): RemoteRegistry | undefined {
  const reference = accepted(() => parseReference(text));
  if (reference === undefined) return undefined;
  const { registry: host, repository: namespace, tag, digest } = reference;
  if (tag !== undefined || digest !== undefined) return undefined;
  return { kind: 'remote', host, scheme: isLoopbackHost(host) ? 'http' : 'https', namespace };
}

/** Either `host[:port]/namespace`, or `{ embedded, port, namespace }`. */
export function registryEndpoint(workspaceRoot: string): Decoder<Setting<RegistryEndpoint>> {
  return byType<Setting<RegistryEndpoint>>(`${remoteExpected}, or an embedded one`, {
    string: setting(remoteExpected, parseRemote),
    object: embedded(workspaceRoot),
  });
}

/**
 * Where a plugin's image is in a registry: for people and receipts with the host, which is the one of
 * the `serve` target where the registry is embedded. Throws `config-invalid` when the name is too long.
 */
export function imageRepository(endpoint: RegistryEndpoint, plugin: ImagePlugin): Reference {
  const registry = hostOf(endpoint);
  const repository = `${endpoint.namespace}/${plugin.image.repository}`;
  const text = formatReference({ registry, repository });
  try {
    return parseReference(text);
  } catch (cause) {
    throw new ReleaseError('config-invalid', `${text} cannot be an image's name`, { cause });
  }
}

/** Whether `host[:port]` is this machine, as its name says it. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return name === 'localhost' || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'));
}

/** Whether the images of both are in one place, however the host is written. */
export function sameRepositories(a: RegistryEndpoint, b: RegistryEndpoint): boolean {
  return identity(a) === identity(b);
}

function embedded(workspaceRoot: string): Decoder<Setting<EmbeddedRegistry>> {
  const decoder = object('an embedded registry: { "embedded", "port", "namespace" }', {
    embedded: required(setting(directoryExpected, (path) => folderInside(workspaceRoot, path))),
    port: required(port),
    namespace: required(
      setting('a namespace such as "gravitational"', (text) =>
        accepted(() => parseRepositoryName(text)),
      ),
    ),
  });
  return {
    expected: decoder.expected,
    decode: (place) => {
      const declared = decoder.decode(place);
      if (declared === refused) return refused;
      const { embedded: directory, port, namespace } = declared;
      return {
        isSet: (variables) => directory.isSet(variables) && namespace.isSet(variables),
        read: (variables) => ({
          kind: 'embedded',
          directory: directory.read(variables),
          port,
          namespace: namespace.read(variables),
        }),
      };
    },
  };
}

const port = integer('a port between 1 and 65535', { minimum: 1, maximum: 65535 });

const directoryExpected = 'a folder of the workspace such as ".release/registries/staging"';

function hostOf(endpoint: RegistryEndpoint): string {
  return endpoint.kind === 'embedded' ? `127.0.0.1:${endpoint.port}` : endpoint.host;
}

function identity(endpoint: RegistryEndpoint): string {
  if (endpoint.kind === 'embedded') return `${endpoint.directory} ${endpoint.namespace}`;
  const host = endpoint.host
    .replace(endpoint.scheme === 'http' ? /:80$/ : /:443$/, '')
    .replace(/^(?:localhost|\[::1\])(?=:|$)/, '127.0.0.1');
  return `${host} ${endpoint.namespace}`;
}
