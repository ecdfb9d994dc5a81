import type { ProxyOptions } from '@teleport-plugins/registry';
import type { HttpsProxyAgent } from 'https-proxy-agent';

import { AuthError } from '../error.js';
import { isDirect, parseProxy, type Target } from './proxy.js';

/**
 * What connects to a server over HTTPS through the proxy that there is for it; `undefined` where it is asked
 * directly. Throws `config-invalid` for a proxy that has no address.
 */
export async function proxyAgentFor(
  server: Target,
  { httpsProxy, noProxy }: ProxyOptions,
): Promise<HttpsProxyAgent<string> | undefined> {
  return httpsProxy && !isDirect(server, noProxy) ? openProxyAgent(httpsProxy) : undefined;
}

/** Throws `config-invalid` for a proxy that has no address. */
export async function openProxyAgent(httpsProxy: string): Promise<HttpsProxyAgent<string>> {
  const url = parseProxy(httpsProxy);
  if (url === undefined) {
    // Not quoted: it may hold a password.
    throw new AuthError(
      'config-invalid',
      'HTTPS_PROXY: expected an address like http://proxy.example.com:3128',
    );
  }
  const { HttpsProxyAgent: ProxyAgent } = await import('https-proxy-agent');
  return new ProxyAgent(url, { keepAlive: true });
}
