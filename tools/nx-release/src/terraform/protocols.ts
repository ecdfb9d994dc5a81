import { join } from 'node:path';

import { pluginFile } from '@teleport-plugins/release';
import { isProtocol, type Protocol } from '@teleport-plugins/terraform-registry';

import { readFileAt } from '../sources/git.js';
import type { ProviderStep } from '../step/step.js';

/**
 * The protocols that the version speaks. The working tree says that of its own version only: of another one
 * its tag does, where it is here and has a `release.json`.
 */
export async function protocolsOf(step: ProviderStep): Promise<readonly Protocol[]> {
  const { plugin, selection, run } = step;
  const own = plugin.provider.protocols.filter(isProtocol);
  if (selection.isTree) return own;
  const text = await readFileAt(run, selection.releaseTag, join(plugin.root, pluginFile));
  return (text === undefined ? undefined : protocolsIn(text)) ?? own;
}

function protocolsIn(text: string): readonly Protocol[] | undefined {
  try {
    const manifest = JSON.parse(text) as {
      readonly provider?: { readonly protocols?: readonly string[] };
    };
    const protocols = manifest.provider?.protocols ?? [];
    return protocols.length > 0 && protocols.every(isProtocol) ? protocols : undefined;
  } catch {
    return undefined;
  }
}
