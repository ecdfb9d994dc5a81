import { isIPv4 } from 'node:net';
import { isDeepStrictEqual } from 'node:util';

import type { AwsEndpoints } from '../aws/endpoints.js';
import { fault, mapOf, member, parseObject, within, type Place } from '../docker/json.js';
import { ecrRegistryOf, type EcrRegistry } from '../ecr/hostname.js';
import { AuthError } from '../error.js';
import { readConfigFile } from './config-file.js';
import { registrationOf, type Registration } from './registration.js';

/** By host. */
export type Registrations = ReadonlyMap<string, Registration>;

/** None when there is no file. Throws `registrations-invalid` and `config-unreadable`. */
export async function readRegistrations(path: string): Promise<Registrations> {
  return parseRegistrations((await readConfigFile(path)) ?? '', path);
}

/** None in an empty text. Throws `registrations-invalid`. */
export function parseRegistrations(text: string, where: string): Registrations {
  if (text === '') return new Map();
  const place: Place = { where, code: 'registrations-invalid' };
  try {
    const document = parseObject(text, place);
    if (document.schemaVersion !== schemaVersion) {
      throw fault(place, `expected schemaVersion ${schemaVersion}`);
    }
    const registries: Registrations =
      member(document, 'registries', mapOf(registrationOf), place) ??
      new Map<string, Registration>();
    for (const [host, { registry, endpoints }] of registries) {
      if (!isMeant(host, registry, endpoints)) {
        throw fault(within(place, host), 'its tokens are not those of the registry that it names');
      }
    }
    return registries;
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    const next = 'delete the file and run `npx nx run release:login` again';
    throw new AuthError(error.code, `${error.message}; ${next}`, { cause: error.cause });
  }
}

export function formatRegistrations(registrations: Registrations): string {
  const sorted = [...registrations].sort(([a], [b]) => (a < b ? -1 : 1));
  const registries = Object.fromEntries(sorted.map(([host, each]) => [host, inOrder(each)]));
  return `${JSON.stringify({ schemaVersion, registries }, undefined, 2)}\n`;
}

const schemaVersion = 1;

/** So that the same registrations are the same bytes, whoever made them. */
function inOrder(each: Registration): Registration {
  const { environment, login, registry, account, role, region, endpoints, profile, files } = each;
  return { environment, login, registry, account, role, region, endpoints, profile, files };
}

/**
 * Whether a token for the registry may go to the host: to Amazon's own, or to one on this machine when
 * the token comes from this machine too.
 */
function isMeant(host: string, registry: EcrRegistry, endpoints: AwsEndpoints = {}): boolean {
  const own = ecrRegistryOf(host);
  if (own !== undefined) return isDeepStrictEqual(own, registry);
  const issuer = registry.kind === 'public' ? endpoints.ecrPublic : endpoints.ecr;
  return isLoopback(`http://${host}`) && issuer !== undefined && isLoopback(issuer);
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  if (hostname === 'localhost' || hostname === '[::1]') return true;
  return isIPv4(hostname) && hostname.startsWith('127.');
}
