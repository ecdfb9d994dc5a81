import { join } from 'node:path';

import type { ProxyOptions } from '@teleport-plugins/registry';

/** Environment variables; an empty one counts as not set. */
export type Variables = Readonly<Record<string, string | undefined>>;

export function variableIn(variables: Variables, name: string): string | undefined {
  const value = variables[name];
  return value === '' ? undefined : value;
}

/** The name of the user, as shells and other systems have it. */
export function userIn(variables: Variables): string {
  const named = ['USER', 'LOGNAME', 'USERNAME'].map((name) => variableIn(variables, name));
  return named.find((name) => name !== undefined) ?? 'unknown';
}

/** The files with profiles and keys; `~` stands for the user's folder, where that is not given. */
export function awsFiles(
  variables: Variables,
  homeDirectory = '~',
): { readonly config: string; readonly credentials: string } {
  const folder = join(homeDirectory, '.aws');
  return {
    config: variableIn(variables, 'AWS_CONFIG_FILE') ?? join(folder, 'config'),
    credentials:
      variableIn(variables, 'AWS_SHARED_CREDENTIALS_FILE') ?? join(folder, 'credentials'),
  };
}

/** The proxies that are named, in lower case or, as most programs read them, upper case. */
export function proxiesIn(variables: Variables): ProxyOptions {
  const read = (name: string) => variables[name.toLowerCase()] ?? variables[name] ?? '';
  return {
    httpProxy: read('HTTP_PROXY'),
    httpsProxy: read('HTTPS_PROXY'),
    noProxy: read('NO_PROXY'),
  };
}
