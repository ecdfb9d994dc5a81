import type { Dispatcher, Pool } from 'undici';

import { isLoopback } from './address.js';

/** In milliseconds. */
export interface Timeouts {
  readonly connect: number;
  /** Between the end of the request and the beginning of the answer. */
  readonly headers: number;
  /** Between two pieces of the answer. */
  readonly body: number;
}

/** As in the environment variables of these names; loopback hosts are never asked for through a proxy. */
export interface ProxyOptions {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
}

export interface AgentsOptions {
  /** To each origin at the same time, for downloads and for all else. */
  readonly connections: number;
  readonly timeouts: Timeouts;
  readonly proxy?: ProxyOptions | undefined;
  /** PEM, trusted beside the known ones. */
  readonly ca?: string | undefined;
}

/** Connections to the origins that requests go to. */
export interface Agents {
  agentFor(request: { readonly url: URL; readonly isDownload?: boolean }): Dispatcher;
  destroy(): Promise<void>;
}

/**
 * Downloads have connections of their own. Copying within one registry pushes what it downloads: were all
 * connections taken by downloads, their readers would wait for ever for one to push over.
 */
export async function openAgents({
  connections,
  timeouts,
  proxy,
  ca,
}: AgentsOptions): Promise<Agents> {
  const { Agent, EnvHttpProxyAgent, Pool } = await import('./undici.js');
  const connect = {
    timeout: timeouts.connect,
    ...(ca !== undefined && { ca: [...(await import('node:tls')).rootCertificates, ca] }),
  };
  const settings = {
    connections,
    connect,
    headersTimeout: timeouts.headers,
    bodyTimeout: timeouts.body,
  };
  const open = () => {
    const direct: Dispatcher = new Agent(settings);
    // Empty where not given: the agent would look into the environment of the process instead.
    const { httpProxy = '', httpsProxy = '', noProxy = '' } = proxy ?? {};
    const proxied: Dispatcher = proxy
      ? new EnvHttpProxyAgent({
          ...settings,
          requestTls: connect,
          httpProxy,
          httpsProxy,
          noProxy,
          factory: (origin, pool: Pool.Options) => new Pool(origin, onceConnecting(pool)),
        })
      : direct;
    return { direct, proxied };
  };
  const pools = { download: open(), other: open() };
  return {
    agentFor({ isDownload = false, url }) {
      const { direct, proxied } = isDownload ? pools.download : pools.other;
      return isLoopback(url.hostname) ? direct : proxied;
    },
    async destroy() {
      const all = Object.values(pools).flatMap(({ direct, proxied }) => [direct, proxied]);
      await Promise.all([...new Set(all)].map((agent) => agent.destroy()));
    },
  };
}

/**
 * When a proxy cuts the connection instead of opening a tunnel, undici takes that for the end of a
 * connection that was idle, and tries again at once, for ever. Called otherwise, the error ends the request.
 */
function onceConnecting(options: Pool.Options): Pool.Options {
  const { connect } = options;
  if (typeof connect !== 'function') return options;
  return {
    ...options,
    connect: (target, callback) => {
      connect(target, (...result: Parameters<typeof callback>) => {
        const [error] = result;
        if (error === null || !('code' in error) || error.code !== 'UND_ERR_SOCKET') {
          callback(...result);
          return;
        }
        const cut = new Error('the proxy cut it', { cause: error });
        callback(Object.assign(cut, { code: 'ECONNRESET' }), null);
      });
    },
  };
}
