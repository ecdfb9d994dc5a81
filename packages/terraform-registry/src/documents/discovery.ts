import { formatJson, invalid, member, parseJson } from './json.js';
import { registryBase } from './layout.js';
import { addressOf } from './readers.js';

/** What Terraform asks a host for first. It must be served over HTTPS as `application/json`. */
export function formatDiscovery(): Uint8Array {
  return formatJson({ 'providers.v1': registryBase });
}

/** Where the provider registry of a host is, as its discovery document says. Throws `document-invalid`. */
export function parseDiscovery(bytes: Uint8Array, where: string): string {
  const base = member(parseJson(bytes, where), 'providers.v1', addressOf, where);
  if (!base.endsWith('/')) throw invalid(where, 'its "providers.v1" must end in a slash');
  return base;
}
