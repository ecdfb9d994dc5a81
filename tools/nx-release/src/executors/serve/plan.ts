import { openRegistry } from '@teleport-plugins/registry';
import type {
  EmbeddedRegistry,
  Environment,
  ImagePlugin,
  RegistryRole,
} from '@teleport-plugins/release';

import { StepError } from '../../error.js';
import type { Line } from '../../step/show.js';

export interface ServeOptions {
  readonly environment?: string;
  readonly stagingPort?: number;
  readonly publicPort?: number;
}

/** A registry to serve. */
export interface ServedRegistry {
  readonly role: RegistryRole;
  readonly endpoint: EmbeddedRegistry;
  readonly port: number;
}

/** Throws StepError `nothing-to-serve` for an environment whose registries run elsewhere. */
export function planServe(
  environment: Environment,
  options: ServeOptions,
): readonly ServedRegistry[] {
  const ports = { staging: options.stagingPort, public: options.publicPort };
  const served = (['staging', 'public'] as const).flatMap((role) => {
    const endpoint = environment.registry(role);
    if (endpoint.kind === 'remote') return [];
    return [{ role, endpoint, port: ports[role] ?? endpoint.port }];
  });
  if (served.length > 0) return served;
  throw new StepError(
    'nothing-to-serve',
    `the registries of ${environment.name} run elsewhere: only embedded ones can be served`,
  );
}

/** The images that a registry has of the plugins, as they can be pulled, each with its tags. */
export async function describeImages(
  host: string,
  { namespace }: EmbeddedRegistry,
  plugins: readonly ImagePlugin[],
): Promise<readonly Line[]> {
  const registry = openRegistry(host);
  try {
    const lines: Line[] = [];
    for (const { image } of plugins) {
      const name = `${namespace}/${image.repository}`;
      const tags: string[] = [];
      for await (const tag of registry.repository(name).manifests.tags()) tags.push(tag);
      if (tags.length > 0) lines.push(['image', `${host}/${name}`, tags.join(' ')]);
    }
    return lines.length > 0 ? lines : [['image', 'none yet']];
  } finally {
    await registry.close();
  }
}
