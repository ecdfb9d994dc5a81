import type { ProxyOptions } from '@teleport-plugins/registry';

/** Environment variables; an empty one counts as not set. */
export type Variables = Readonly<Record<string, string | undefined>>;

export function variableIn(variables: Variables, name: string): string | undefined {
  const value = variables[name];
  return value === '' ? undefined : value;
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
