import { openRegistry, serveRegistry, type Registry } from '@teleport-plugins/registry';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { onTestFinished } from 'vitest';

/** A registry that runs elsewhere, as far as a step can tell, until the test ends. */
export async function servedRegistry(
  directory?: string,
): Promise<{ readonly host: string; readonly registry: Registry }> {
  const server = await serveRegistry(directory ?? (await temporaryDirectory()));
  const registry = openRegistry(server.host);
  onTestFinished(async () => {
    await registry.close();
    await server.close();
  });
  return { host: server.host, registry };
}
