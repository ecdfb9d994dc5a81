import type { ProxyOptions } from '@teleport-plugins/registry';

import type { Host } from '../host.js';

/** The proxies that the environment names, in lower case or, as most programs read them, upper case. */
export function proxyOf(env: Host['env']): ProxyOptions {
  const read = (name: string) => env[name.toLowerCase()] ?? env[name] ?? '';
  return {
    httpProxy: read('HTTP_PROXY'),
    httpsProxy: read('HTTPS_PROXY'),
    noProxy: read('NO_PROXY'),
  };
}
