import { openRegistry } from '@teleport-plugins/registry';
import type { EmbeddedRegistry, ImagePlugin, ProviderPlugin } from '@teleport-plugins/release';
import type { ObjectStore } from '@teleport-plugins/object-store';
import {
  readIndex,
  TerraformRegistryError,
  type ServedTerraformRegistry,
} from '@teleport-plugins/terraform-registry';

import type { Line } from '../../step/show.js';
import type { ServedTerraform } from './plan.js';

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

/** The providers that a Terraform registry lists, by the addresses that configurations name, with their versions. */
export async function describeProviders(
  { host }: ServedTerraform,
  store: ObjectStore,
  plugins: readonly ProviderPlugin[],
): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const { provider } of plugins) {
    const { namespace, type } = provider;
    const source = `${host}/${namespace}/${type}`;
    const found = await versionsIn(store, { namespace, type });
    if (found !== '') lines.push(['provider', source, found]);
  }
  return lines.length > 0 ? lines : [['provider', 'none yet']];
}

/** What Terraform's CLI configuration needs, so that it finds the host here. */
export function hostBlock({ host }: ServedTerraform, served: ServedTerraformRegistry): string {
  return `host "${host}" { services = { "providers.v1" = "${served.providersUrl}" } }`;
}

/** The highest first. One that is damaged is served all the same: to be looked into. */
async function versionsIn(
  store: ObjectStore,
  address: { readonly namespace: string; readonly type: string },
): Promise<string> {
  try {
    const index = await readIndex({ store, address });
    return [...(index?.value.versions ?? [])]
      .reverse()
      .map(({ version }) => version)
      .join(' ');
  } catch (error) {
    if (error instanceof TerraformRegistryError) return `damaged: ${error.message}`;
    throw error;
  }
}
