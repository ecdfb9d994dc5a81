import { temporaryDirectory } from '@teleport-plugins/testing';
import { onTestFinished } from 'vitest';

import { serveRegistry, type RegistryServer, type RegistryServerOptions } from '../serve.js';

/** An embedded registry over an empty folder, which is closed when the running test ends. */
export async function serve(options: RegistryServerOptions = {}): Promise<{
  readonly directory: string;
  readonly server: RegistryServer;
  readonly host: string;
}> {
  const directory = await temporaryDirectory();
  const server = await serveRegistry(directory, options);
  onTestFinished(() => server.close());
  return { directory, server, host: server.host };
}
