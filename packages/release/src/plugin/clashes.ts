import { join } from 'node:path';

import { ReleaseError } from '../error.js';
import { type Plugin, pluginFile } from '../plugin.js';

/**
 * Refuses plugins that would release into one place: with the same prefix of release tags, the same repository
 * or the same address of a provider. Throws `plugin-clash`.
 */
export function refuseClashes(plugins: readonly Plugin[]): void {
  const owners = new Map<string, Plugin>();
  for (const each of plugins) {
    for (const claim of claimsOf(each)) {
      const owner = owners.get(claim);
      if (owner !== undefined) {
        const files = `${join(each.root, pluginFile)} and ${join(owner.root, pluginFile)}`;
        throw new ReleaseError('plugin-clash', `${files} have the same ${claim}; change one`);
      }
      owners.set(claim, each);
    }
  }
}

/** What no other plugin may have. */
function claimsOf(plugin: Plugin): readonly string[] {
  const prefix = `releaseTagPrefix "${plugin.releaseTagPrefix}"`;
  switch (plugin.kind) {
    case 'image':
      return [`image.repository "${plugin.image.repository}"`, prefix];
    case 'terraform-provider':
      // A provider's type is in its prefix: two of one type clash there, in whatever namespaces they are.
      return [prefix];
  }
}
