import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';

import { proxyAgentFor } from '@teleport-plugins/auth';
import type { FetchedResponse, Fetching } from '@teleport-plugins/terraform-registry';

import type { Host } from '../host.js';
import { proxyOf } from './proxy.js';

type Agent = Awaited<ReturnType<typeof proxyAgentFor>>;

const mostRedirects = 10;

/**
 * What fetches over HTTPS through the proxy that the environment names, as the other steps connect; `fetch` of
 * Node 20 knows of none. What needs no proxy is asked directly.
 */
export function openFetching(host: Host): Fetching {
  const agents = new Map<string, Promise<Agent>>();
  host.atEnd(async () => {
    for (const agent of await Promise.allSettled(agents.values())) {
      if (agent.status === 'fulfilled') agent.value?.destroy();
    }
  });
  const agentOf = ({ protocol, hostname, port }: URL): Promise<Agent> => {
    if (protocol !== 'https:') return Promise.resolve(undefined);
    const target = { hostname, port: Number(port || 443) };
    const key = `${hostname}:${target.port}`;
    const agent = agents.get(key) ?? proxyAgentFor(target, proxyOf(host.env));
    agents.set(key, agent);
    return agent;
  };
  return async (from, { signal }) => {
    let url = from;
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const agent = await agentOf(url);
      if (agent === undefined) return fetch(url, { signal });
      const message = await answered(url, agent, signal);
      const location = redirectOf(message);
      if (location === undefined) return responseOf(message);
      message.destroy();
      url = new URL(location, url);
    }
    throw new Error(`was redirected more than ${mostRedirects} times`);
  };
}

function answered(
  url: URL,
  agent: NonNullable<Agent>,
  signal: AbortSignal | null,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { agent, ...(signal && { signal }) }, resolve);
    // Else a proxy's own answer would be taken for the server's.
    asking.on('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
      if (statusCode !== 200) asking.destroy(new Error(`the proxy answered with ${statusCode}`));
    });
    asking.on('error', reject).end();
  });
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage): string | undefined {
  return [301, 302, 303, 307, 308].includes(statusCode) ? headers.location : undefined;
}

function responseOf(message: IncomingMessage): FetchedResponse {
  const { statusCode: status = 0, headers } = message;
  const cancel = () => {
    message.destroy();
    return Promise.resolve();
  };
  return {
    status,
    headers: { get: (name) => [headers[name]].flat().join(', ') || null },
    body: Object.assign(message as AsyncIterable<unknown>, { cancel }),
  };
}
