import { proxiesIn } from '@teleport-plugins/auth';
import type { ProxyOptions } from '@teleport-plugins/registry';

import type { Host } from '../host.js';

/** The proxies that the environment names. */
export function proxyOf(env: Host['env']): ProxyOptions {
  return proxiesIn(env);
}
