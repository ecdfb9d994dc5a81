import type { ProxyOptions } from '@teleport-plugins/registry';

import type { AwsEndpoints } from './endpoints.js';
import { openHttpHandler, type AwsTimeouts, type HttpHandler } from './http-handler.js';
import { retryStrategy, type RetryStrategy } from './retry.js';

export interface ConnectionOptions {
  /** Default: where AWS has the services. */
  readonly endpoints?: AwsEndpoints | undefined;
  /** Servers on this machine are never asked through it. Default: none, whatever the environment says. */
  readonly proxy?: ProxyOptions | undefined;
  /** Default: 5 s to connect, 20 s for an answer. */
  readonly timeouts?: AwsTimeouts | undefined;
  /** Ends after that many milliseconds: the pause before a call is repeated. */
  readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined;
  /** 0 ≤ x < 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** What the clients of the SDK are made with, beside region and credentials. */
export interface ClientSettings {
  /** Absent: where AWS has the service. */
  readonly endpoint?: string;
  readonly requestHandler: HttpHandler;
  readonly retryStrategy: RetryStrategy;
}

/** How AWS is reached. */
export interface Connection {
  settings(service: keyof AwsEndpoints): Promise<ClientSettings>;
  /** What is under way is cut off. */
  close(): Promise<void>;
}

export function openConnection({
  endpoints = {},
  proxy,
  timeouts = { connect: 5_000, answer: 20_000 },
  sleep = pause,
  random = Math.random,
}: ConnectionOptions): Connection {
  const strategy = retryStrategy({ sleep, random });
  let handler: Promise<HttpHandler> | undefined;

  return {
    async settings(service) {
      const endpoint = endpoints[service];
      handler ??= openHttpHandler({ timeouts, proxy });
      return {
        ...(endpoint !== undefined && { endpoint }),
        requestHandler: await handler,
        retryStrategy: strategy,
      };
    },
    async close() {
      const opened = await handler?.catch(() => undefined);
      opened?.destroy();
    },
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
