import { join } from 'node:path';

import { checked, decodeDocument, text, unexpected, word } from './json/decode.js';
import { type Document, readDocument } from './json/document.js';
import { object, optional, required } from './json/object.js';
import { variant } from './json/variant.js';
import { type ImageSettings, imageSettings } from './plugin/image.js';
import { type ProviderSettings, providerSettings } from './plugin/provider.js';
import { isReleaseTagPrefix, prefixExpected } from './release-tag.js';
import { isVersion, type Version, versionExpected } from './version.js';

/** A package that is released: its `release.json`, and the version in its `package.json`. */
export type Plugin = ImagePlugin | ProviderPlugin;

interface Released {
  /** Its folder, relative to the workspace. */
  readonly root: string;
  /** The version of the working tree. */
  readonly version: Version;
  /** `teleport-email` in the release tag `teleport-email-v9.3.7`. */
  readonly releaseTagPrefix: string;
}

/** A plugin that is released as a container image. */
export interface ImagePlugin extends Released {
  readonly kind: 'image';
  readonly image: ImageSettings;
}

/** A plugin that is released as archives, and through Terraform registries. */
export interface ProviderPlugin extends Released {
  readonly kind: 'terraform-provider';
  readonly provider: ProviderSettings;
}

export const pluginFile = 'release.json';

/**
 * Reads the plugin in a folder of the workspace. Throws `file-missing`, `file-unreadable`,
 * `json-invalid` and `plugin-invalid`.
 */
export async function loadPlugin(workspaceRoot: string, pluginRoot: string): Promise<Plugin> {
  const read = (name: string, adviceWhenMissing: string) =>
    readDocument(workspaceRoot, join(pluginRoot, name), { adviceWhenMissing });
  const manifest = await read(
    pluginFile,
    'it says what is released (packages/release/schemas/release.schema.json)',
  );
  const npmPackage = await read('package.json', 'it has the version that is released');
  return pluginOf(pluginRoot, manifest, npmPackage);
}

/** Throws `plugin-invalid`. */
export function pluginOf(root: string, manifest: Document, npmPackage: Document): Plugin {
  const declared = decodeDocument(manifest, manifestDecoder, 'plugin-invalid');
  const { version } = decodeDocument(npmPackage, npmPackageDecoder, 'plugin-invalid');
  const { releaseTagPrefix } = declared;
  switch (declared.kind) {
    case 'image':
      return { kind: 'image', root, version, releaseTagPrefix, image: declared.image };
    case 'terraform-provider': {
      const { kind, provider } = declared;
      return { kind, root, version, releaseTagPrefix, provider };
    }
  }
}

const common = {
  $schema: optional(
    text('the path of the schema', (path) => path),
    undefined,
  ),
  releaseTagPrefix: required(
    text(prefixExpected, (prefix) => (isReleaseTagPrefix(prefix) ? prefix : undefined)),
  ),
};

const imageManifest = object('an image plugin: { "kind", "releaseTagPrefix", "image" }', {
  ...common,
  kind: required(word(['image'])),
  image: required(imageSettings),
});

const providerManifest = checked(
  object('a provider: { "kind", "releaseTagPrefix", "provider" }', {
    ...common,
    kind: required(word(['terraform-provider'])),
    provider: required(providerSettings),
  }),
  ({ releaseTagPrefix, provider }, place) => {
    // The archives of a release are in a folder that has the name of its tag, and name the type themselves.
    const expected = `terraform-provider-${provider.type}`;
    if (releaseTagPrefix === expected) return undefined;
    return unexpected(
      place.at('releaseTagPrefix'),
      `"${expected}", because of the provider's type`,
    );
  },
);

const manifestDecoder = variant<ImageManifest | ProviderManifest>(
  'what is released: { "kind", "releaseTagPrefix", … }',
  'kind',
  { image: imageManifest, 'terraform-provider': providerManifest },
);

type ImageManifest = Pick<ImagePlugin, 'kind' | 'releaseTagPrefix' | 'image'>;
type ProviderManifest = Pick<ProviderPlugin, 'kind' | 'releaseTagPrefix' | 'provider'>;

const npmPackageDecoder = object(
  'the package.json of a plugin',
  {
    version: required(text(versionExpected, (text) => (isVersion(text) ? text : undefined))),
  },
  { open: true },
);
