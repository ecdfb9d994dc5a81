import { isAbsolute, join } from 'node:path';

import { variableIn, type Variables } from '../aws/variables.js';
import { configurationFiles, type Surroundings } from '../docker/locations.js';
import { readConfigFile } from './config-file.js';

export interface PlacesOptions {
  readonly variables: Variables;
  readonly homeDirectory: string;
}

/** Where this project keeps things of a user, outside any workspace. */
export interface Places {
  /** The file that says what the credential helper does for which registry. */
  readonly registrations: string;
  /** The folder of cached tokens. */
  readonly cache: string;
  /** The folder for programs' files. */
  readonly data: string;
  /** The folder for programs; no variable moves it. */
  readonly programs: string;
}

/**
 * https://specifications.freedesktop.org/basedir-spec/latest: a path that is not absolute is ignored.
 */
export function placesOf({ variables, homeDirectory }: PlacesOptions): Places {
  const base = (name: string, otherwise: string) => {
    const path = variables[name] ?? '';
    return join(isAbsolute(path) ? path : join(homeDirectory, otherwise), 'teleport-release');
  };
  return {
    registrations: join(base('XDG_CONFIG_HOME', '.config'), 'registries.json'),
    cache: base('XDG_CACHE_HOME', '.cache'),
    data: base('XDG_DATA_HOME', '.local/share'),
    programs: join(homeDirectory, '.local/bin'),
  };
}

/**
 * The configurations in which a helper has to be named: docker's, the one that REGISTRY_AUTH_FILE names,
 * and those of podman and skopeo that there are. Without one of their own these read docker's.
 */
export async function helperConfigs(surroundings: Surroundings): Promise<readonly string[]> {
  const { variables, homeDirectory } = surroundings;
  const only = (names: Variables) => configurationFiles({ ...surroundings, variables: names });
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = variables;
  const [docker = ''] = only({
    DOCKER_CONFIG: variableIn(variables, 'DOCKER_CONFIG') ?? join(homeDirectory, '.docker'),
  });
  const named = REGISTRY_AUTH_FILE ? [REGISTRY_AUTH_FILE] : [];
  const others = only({ XDG_RUNTIME_DIR, XDG_CONFIG_HOME });
  const exist = await Promise.all(others.map((file) => readConfigFile(file)));
  const there = others.filter((_, index) => exist[index] !== undefined);
  return [...new Set([docker, ...named, ...there])];
}
