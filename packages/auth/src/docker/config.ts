import {
  fault,
  mapOf,
  member,
  objectOf,
  parseObject,
  stringOf,
  type JsonObject,
  type Place,
} from './json.js';

/**
 * What is read of docker's configuration file, which podman and skopeo write too.
 * https://docs.docker.com/reference/cli/docker/login/#credential-stores
 * https://github.com/containers/image/blob/v5.36.2/docs/containers-auth.json.5.md
 */
export interface DockerConfig {
  /** The file, or the variable, for people. */
  readonly where: string;
  /** By registry or namespace; what the entries hold is read when one is needed. */
  readonly auths: ReadonlyMap<string, JsonObject>;
  /** By registry: the helper that has its credentials; an empty one means the `auths` of this file. */
  readonly credHelpers: ReadonlyMap<string, string>;
  /** The helper for all other registries. */
  readonly credsStore: string | undefined;
}

/** Throws `config-invalid`. An empty text is an empty configuration. */
export function parseDockerConfig(text: string, where: string): DockerConfig {
  const place: Place = { where, code: 'config-invalid' };
  const object = text.trim() === '' ? {} : parseObject(text, place);
  return {
    where,
    auths: member(object, 'auths', mapOf(objectOf), place) ?? new Map(),
    credHelpers: member(object, 'credHelpers', mapOf(helperName), place) ?? new Map(),
    credsStore: member(object, 'credsStore', helperName, place),
  };
}

/** The part of a program's name behind `docker-credential-`: nothing that leads into another folder. */
function helperName(value: unknown, place: Place): string {
  const name = stringOf(value, place);
  if (/^[\w.-]{0,100}$/.test(name)) return name;
  throw fault(
    place,
    'expected the name of a credential helper (what follows docker-credential-), found other text',
  );
}
