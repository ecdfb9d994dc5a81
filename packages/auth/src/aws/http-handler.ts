import type { NodeHttpHandler } from '@smithy/node-http-handler';
import type { ProxyOptions } from '@teleport-plugins/registry';

import { openProxyAgent } from './agent.js';
import { noting } from './asked-server.js';
import { isDirect } from './proxy.js';

/** In milliseconds. */
export interface AwsTimeouts {
  readonly connect: number;
  /** Of a whole answer. */
  readonly answer: number;
}

export interface HttpHandlerOptions {
  readonly timeouts: AwsTimeouts;
  /** `httpsProxy` and `noProxy` count: nothing of AWS's speaks plain HTTP, and what stands in is near. */
  readonly proxy: ProxyOptions | undefined;
}

/** What the clients of the SDK share to send their requests. */
export type HttpHandler = Pick<
  NodeHttpHandler,
  'handle' | 'destroy' | 'metadata' | 'updateHttpClientConfig' | 'httpHandlerConfigs'
>;

/** The SDK looks at no proxy variables. Throws `config-invalid` for a proxy that has no address. */
export async function openHttpHandler({
  timeouts,
  proxy = {},
}: HttpHandlerOptions): Promise<HttpHandler> {
  const { httpsProxy, noProxy } = proxy;
  const { NodeHttpHandler } = await import('@smithy/node-http-handler');
  const settings = {
    connectionTimeout: timeouts.connect,
    requestTimeout: timeouts.answer,
    throwOnRequestTimeout: true,
  };
  const direct = new NodeHttpHandler(settings);
  if (!httpsProxy) return handlerOf([direct], () => direct);

  const httpsAgent = await openProxyAgent(httpsProxy);
  const proxied = new NodeHttpHandler({ ...settings, httpsAgent });
  return handlerOf([direct, proxied], ({ protocol, hostname, port = 443 }) =>
    protocol !== 'https:' || isDirect({ hostname, port }, noProxy) ? direct : proxied,
  );
}

/** Several as one: each request is sent by the one that is chosen for it. */
function handlerOf(
  all: readonly [NodeHttpHandler, ...NodeHttpHandler[]],
  choose: (request: Parameters<NodeHttpHandler['handle']>[0]) => NodeHttpHandler,
): HttpHandler {
  const [first] = all;
  return {
    metadata: first.metadata,
    handle: noting((request, options) => choose(request).handle(request, options)),
    destroy: () => all.forEach((each) => each.destroy()),
    updateHttpClientConfig: (key, value) =>
      all.forEach((each) => each.updateHttpClientConfig(key, value)),
    httpHandlerConfigs: () => first.httpHandlerConfigs(),
  };
}
