import type { NodeHttpHandler } from '@smithy/node-http-handler';

type Handle = NodeHttpHandler['handle'];

/** By what came of the request: an answer, or an error. Neither says by itself where it is from. */
const servers = new WeakMap<object, string>();

/** The same, and `serverAsked` knows of what it gives or throws which server that is from. */
export function noting(handle: Handle): Handle {
  return async (request, options) => {
    const { hostname, port } = request;
    const server = port === undefined ? hostname : `${hostname}:${port}`;
    try {
      const answered = await handle(request, options);
      servers.set(answered.response, server);
      return answered;
    } catch (error) {
      if (error instanceof Error) servers.set(error, server);
      throw error;
    }
  };
}

/** `host`, or `host:port` where that is not the usual one; `undefined` where no server was asked. */
export function serverAsked(outcome: unknown): string | undefined {
  return typeof outcome === 'object' && outcome !== null ? servers.get(outcome) : undefined;
}
