import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  formatReleaseTag,
  loadPlugin,
  parseReleaseTag,
  parseVersion,
  pluginFile,
  type Plugin,
} from '@teleport-plugins/release';

import { EmergencyError } from './error.js';
import { workspaceRoot } from './workspace.js';

/** A version of a plugin, as Nx and git know it. */
export interface Release {
  /** The project in Nx. */
  readonly project: string;
  /** The release tag. */
  readonly tag: string;
}

/**
 * The release of a provider that has a tag such as `terraform-provider-teleport-v9.1.3`. Throws `plugin-missing`, and
 * ReleaseError `release-tag-invalid`.
 */
export async function releaseOfTag(tag: string): Promise<Release> {
  const providers = (await pluginsHere()).filter(
    ({ plugin }) => plugin.kind === 'terraform-provider',
  );
  const [example] = providers.map(({ plugin }) => `${plugin.releaseTagPrefix}-v${plugin.version}`);
  const { prefix } = parseReleaseTag(tag, 'TAG', example);
  const found = providers.find(({ plugin }) => plugin.releaseTagPrefix === prefix);
  if (found !== undefined) return { project: found.project, tag };
  const known = providers.map(({ plugin }) => `${plugin.releaseTagPrefix}-v…`).join(', ');
  throw new EmergencyError(
    'plugin-missing',
    `${tag} is no release of a Terraform provider; their tags are ${known}`,
  );
}

/**
 * A version of an image, by the name of its plugin: of its folder, or of its project. Throws `plugin-missing`, and
 * ReleaseError `version-invalid`.
 */
export async function releaseOfImage(name: string, version: string): Promise<Release> {
  const images = (await pluginsHere()).filter(({ plugin }) => plugin.kind === 'image');
  const found = images.find(({ folder, project }) => [folder, project].includes(name));
  if (found !== undefined) {
    const { releaseTagPrefix: prefix } = found.plugin;
    const tag = formatReleaseTag({ prefix, version: parseVersion(version, 'VERSION') });
    return { project: found.project, tag };
  }
  const known = images.map(({ folder }) => folder).join(', ');
  throw new EmergencyError(
    'plugin-missing',
    `${JSON.stringify(name)} is no plugin with an image; there are ${known}`,
  );
}

interface PluginHere {
  readonly folder: string;
  readonly project: string;
  readonly plugin: Plugin;
}

const parent = 'packages/plugins';

async function pluginsHere(): Promise<readonly PluginHere[]> {
  const folders = (await readdir(join(workspaceRoot, parent))).filter((folder) =>
    existsSync(join(workspaceRoot, parent, folder, pluginFile)),
  );
  return Promise.all(
    folders.map(async (folder) => {
      const root = join(parent, folder);
      const text = await readFile(join(workspaceRoot, root, 'package.json'), 'utf8');
      const { name, nx } = JSON.parse(text) as { name: string; nx?: { name?: string } };
      return { folder, project: nx?.name ?? name, plugin: await loadPlugin(workspaceRoot, root) };
    }),
  );
}
