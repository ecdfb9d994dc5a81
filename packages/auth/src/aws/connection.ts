import type { ProxyOptions } from '@teleport-plugins/registry';

import type { AwsEndpoints } from './endpoints.js';
import { retryStrategy, type RetryStrategy } from './retry.js';

export interface ConnectionOptions {
  /** Default: where AWS has the services. */
  readonly endpoints?: AwsEndpoints | undefined;
  readonly proxy?: ProxyOptions | undefined;
  /** In milliseconds. Default: 5 s to connect, 20 s for an answer. */
  readonly timeouts?: { readonly connect: number; readonly answer: number } | undefined;
  /** Ends after that many milliseconds: the pause before a call is repeated. */
  readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined;
  /** 0 ≤ x < 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** What the clients of the SDK are made with, beside region and credentials. */
export interface ClientSettings {
  readonly endpoint?: string;
  readonly requestHandler: Record<string, unknown>;
  readonly retryStrategy: RetryStrategy;
}

/** How AWS is reached. */
export interface Connection {
  settings(service: keyof AwsEndpoints): Promise<ClientSettings>;
  close(): void;
}

export function openConnection(options: ConnectionOptions): Connection {
  const { endpoints = {}, timeouts = { connect: 5_000, answer: 20_000 } } = options;
  const { sleep = pause, random = Math.random } = options;
  const strategy = retryStrategy({ sleep, random });
  let opened: Promise<Agents> | undefined;

  return {
    async settings(service) {
      const endpoint = endpoints[service];
      opened ??= openAgents();
      return {
        ...(endpoint !== undefined && { endpoint }),
        requestHandler: {
          ...(await opened),
          connectionTimeout: timeouts.connect,
          requestTimeout: timeouts.answer,
          throwOnRequestTimeout: true,
        },
        retryStrategy: strategy,
      };
    },
    close() {
      void opened?.then(({ httpAgent, httpsAgent }) => {
        httpAgent.destroy();
        httpsAgent.destroy();
      });
    },
  };
}

interface Agents {
  readonly httpAgent: { destroy(): void };
  readonly httpsAgent: { destroy(): void };
}

async function openAgents(): Promise<Agents> {
  const [http, https] = await Promise.all([import('node:http'), import('node:https')]);
  return {
    httpAgent: new http.Agent({ keepAlive: true }),
    httpsAgent: new https.Agent({ keepAlive: true }),
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
