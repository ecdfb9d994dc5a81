import { join } from 'node:path';

/** Environment variables; an empty one counts as not set. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface Surroundings {
  readonly variables: Variables;
  readonly homeDirectory: string;
  /** The number of the user, where there is one: podman's and skopeo's file may be named after it. */
  readonly userId?: number | undefined;
}

/**
 * The files that hold what docker, podman and skopeo were logged in with, the first one first.
 *
 * One that a variable names is the only one, as in docker (DOCKER_CONFIG) and in podman and skopeo, where
 * REGISTRY_AUTH_FILE goes before DOCKER_CONFIG. Without these variables the files of podman and skopeo
 * come first, docker's is last. The ancient `.dockercfg` is not read.
 *
 * https://github.com/containers/common/blob/v0.64.2/pkg/auth/auth.go (GetDefaultAuthFile)
 * https://github.com/containers/image/blob/v5.36.2/pkg/docker/config/config.go (getAuthFilePaths)
 * https://docs.docker.com/reference/cli/docker/#change-the-docker-directory
 */
export function configurationFiles(surroundings: Surroundings): readonly string[] {
  const { variables, homeDirectory, userId } = surroundings;
  const read = (name: string) => (variables[name] === '' ? undefined : variables[name]);

  const explicit = read('REGISTRY_AUTH_FILE');
  if (explicit !== undefined) return [explicit];
  const docker = read('DOCKER_CONFIG');
  if (docker !== undefined) return [join(docker, 'config.json')];

  const ofUser = userId === undefined ? [] : [`/run/containers/${userId}`];
  const runtime = read('XDG_RUNTIME_DIR');
  const folders = runtime === undefined ? ofUser : [join(runtime, 'containers')];
  const config = read('XDG_CONFIG_HOME') ?? join(homeDirectory, '.config');
  return [
    ...folders.map((folder) => join(folder, 'auth.json')),
    join(config, 'containers/auth.json'),
    join(homeDirectory, '.docker/config.json'),
  ];
}
