import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { ExecutorContext } from '@nx/devkit';
import { loadPlugin, pluginFile, type Plugin } from '@teleport-plugins/release';

/** All plugins of the workspace; one that is broken is left out, its own steps say why. */
export async function pluginsOf(context: ExecutorContext): Promise<readonly Plugin[]> {
  const roots = Object.values(context.projectsConfigurations.projects)
    .map(({ root }) => root)
    .filter((root) => existsSync(join(context.root, root, pluginFile)));
  const plugins = await Promise.all(
    roots.map((root) => loadPlugin(context.root, root).catch(() => undefined)),
  );
  return plugins.filter((plugin) => plugin !== undefined);
}
