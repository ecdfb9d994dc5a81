import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { onTestFinished } from 'vitest';

import { openRegistry, type Registry, type RegistryOptions } from '../../client/registry.js';
import { serveRegistry } from '../../server/serve.js';

/** An embedded registry in an empty folder, with a client, both until the test ends. */
export interface Served {
  readonly host: string;
  readonly registry: Registry;
  /** The requests so far, as `METHOD kind`, counted; the count begins again. */
  readonly count: () => Readonly<Record<string, number>>;
}

export async function served(options: RegistryOptions = {}): Promise<Served> {
  let counts: Record<string, number> = {};
  const server = await serveRegistry(join(await temporaryDirectory(), 'registry'), {
    onRequest: ({ method, path }) => {
      const kind = /.*\/(uploads|blobs|manifests|referrers|tags)\//.exec(path)?.[1] ?? path;
      const key = `${method} ${kind}`;
      counts[key] = (counts[key] ?? 0) + 1;
    },
  });
  const registry = openRegistry(server.host, options);
  onTestFinished(async () => {
    await registry.close();
    await server.close();
  });
  return {
    host: server.host,
    registry,
    count() {
      const counted = counts;
      counts = {};
      return counted;
    },
  };
}
