import type { AwsOptions } from '../options.js';
import { listen, type LoopbackServer } from '../server.js';
import type { World } from '../world.js';
import { answerRegistry } from './answer.js';
import type { Front } from './front.js';
import { privateFront } from './private.js';
import { publicFront } from './public.js';
import { serveStorage } from './storage.js';

/** The registries of an AWS, each at an address of its own. */
export interface ServedRegistries {
  /** By `146628656107/us-west-2` or `public`. Throws for one that was not asked for. */
  at(name: string): { readonly host: string };
  close(): Promise<void>;
}

export async function serveRegistries(
  world: World,
  { privateRegistries = [], publicRegistry }: AwsOptions,
): Promise<ServedRegistries> {
  const storage = await serveStorage(world);
  const served = new Map<string, LoopbackServer>();
  const serve = async (front: Front) => {
    const server = await listen((request, response) => answerRegistry(front, request, response));
    served.set(front.name, server);
    return server.host;
  };
  for (const options of privateRegistries) {
    const { account, region } = options;
    const host = await serve(privateFront(world, storage, options));
    world.registries.private(account, region).host = host;
  }
  if (publicRegistry) {
    const host = await serve(publicFront(world, storage, publicRegistry));
    for (const { account } of publicRegistry.registries) {
      const registry = world.registries.public(account);
      if (registry) registry.host = host;
    }
  }
  return {
    at(name) {
      const server = served.get(name);
      if (server) return { host: server.host };
      throw new Error(`the emulator serves no registry ${name}: give one in its options`);
    },
    async close() {
      await storage.close();
      for (const server of served.values()) await server.close();
    },
  };
}
