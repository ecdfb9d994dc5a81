import { type ImagePlugin, type Plugin, pluginOf, type ProviderPlugin } from '../plugin.js';
import { documentOf, validManifest, validPackage, validProvider } from './documents.js';

/** The plugin of a `release.json` in a folder. Throws what `pluginOf` throws. */
export function readPlugin(
  root: string,
  manifest: unknown,
  npmPackage: unknown = validPackage,
): Plugin {
  return pluginOf(
    root,
    documentOf(`${root}/release.json`, manifest),
    documentOf(`${root}/package.json`, npmPackage),
  );
}

export function imagePlugin(
  root = 'packages/plugins/email',
  manifest: unknown = validManifest,
): ImagePlugin {
  const plugin = readPlugin(root, manifest);
  if (plugin.kind === 'image') return plugin;
  throw new Error(`${plugin.kind} is no image`);
}

export function providerPlugin(
  root = 'packages/plugins/terraform-provider',
  manifest: unknown = validProvider,
): ProviderPlugin {
  const plugin = readPlugin(root, manifest);
  if (plugin.kind === 'terraform-provider') return plugin;
  throw new Error(`${plugin.kind} is no provider`);
}
