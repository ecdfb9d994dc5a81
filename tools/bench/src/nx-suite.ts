import { join } from 'node:path';

import { inNewFolder, withRegistry, type Bench } from './bench.js';
import { run } from './measure.js';
import { ours, type Measurement } from './measurement.js';
import { sumOf } from './registry/served.js';

/**
 * The main job as users run it, with Nx: with nothing in its cache and in the registries, then again.
 * Memory is that of all processes together. The targets are those of this checkout, and write their
 * outputs into it; the registries and Nx's cache are the benchmark's own.
 */
export function nxSuite({ workspace, peers }: Bench): Promise<readonly Measurement[]> {
  return inNewFolder((folder) => {
    const bench = { workspace, peers };
    return withRegistry(bench, join(folder, 'staging'), (staging) =>
      withRegistry(bench, join(folder, 'public'), async (to) => {
        const others = Object.entries(workspace.env).filter(([name]) => !name.startsWith('NX_'));
        const env = {
          ...Object.fromEntries(others),
          NX_DAEMON: 'false',
          NX_ISOLATE_PLUGINS: 'false',
          NX_CACHE_DIRECTORY: join(folder, 'cache'),
          NX_WORKSPACE_DATA_DIRECTORY: join(folder, 'workspace-data'),
          RELEASE_STAGING_REGISTRY: `${staging.host}/gravitational`,
          RELEASE_PUBLIC_REGISTRY: `${to.host}/gravitational`,
        };
        const nx = join(workspace.root, 'node_modules/nx/dist/bin/nx.js');
        const args = [nx, 'run', 'plugin-email:promote-public'];
        const promote = async (what: string): Promise<Measurement> => {
          const used = await run({ program: process.execPath, args, cwd: workspace.root, env });
          const served = sumOf([await staging.served(), await to.served()]);
          const { wall, cpu, peakMemory } = used;
          return { what, who: ours, wall, cpu, peakMemory, served };
        };
        return [
          await promote('nx run plugin-email:promote-public, cold'),
          await promote('nx run plugin-email:promote-public, again'),
        ];
      }),
    );
  });
}
