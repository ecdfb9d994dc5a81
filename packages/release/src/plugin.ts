import { join } from 'node:path';

import {
  OciError,
  parsePlatform,
  parseRepositoryName,
  type Platform,
  samePlatform,
} from '@teleport-plugins/oci';

import { accepted } from './accepted.js';
import { ReleaseError } from './error.js';
import { type FloatingTagKind, floatingTagKinds } from './floating-tags.js';
import { type Decoder, decodeDocument, integer, list, text, word } from './json/decode.js';
import { type Document, readDocument } from './json/document.js';
import { object, optional, required } from './json/object.js';
import { isReleaseTagPrefix, prefixExpected } from './release-tag.js';
import { isVersion, type Version, versionExpected } from './version.js';

/** A package that is released: its `release.json`, and the version in its `package.json`. */
export type Plugin = ImagePlugin;

/** A plugin that is released as a container image. */
export interface ImagePlugin {
  readonly kind: 'image';
  /** Its folder, relative to the workspace. */
  readonly root: string;
  /** The version of the working tree. */
  readonly version: Version;
  /** `teleport-email` in the release tag `teleport-email-v9.3.7`. */
  readonly releaseTagPrefix: string;
  readonly image: ImageSettings;
}

/** What `release.json` says of an image. */
export interface ImageSettings {
  /** The name in the namespace of a registry: `teleport-plugin-email`. */
  readonly repository: string;
  readonly title: string;
  readonly description: string;
  readonly platforms: readonly Platform[];
  readonly floatingTags: readonly FloatingTagKind[];
  /** Numeric `uid:gid`, not root. */
  readonly user: string;
  /** TCP ports. */
  readonly exposedPorts: readonly number[];
  /** The default arguments of the plugin's program. */
  readonly arguments: readonly string[];
  /** What a public catalog shows besides title, description and platforms. */
  readonly catalog: CatalogTexts;
}

/** Markdown for people who look for images. */
export interface CatalogTexts {
  /** What the image is, and for whom. */
  readonly about?: string | undefined;
  /** How it is run. */
  readonly usage?: string | undefined;
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
  const { kind, releaseTagPrefix, image } = decodeDocument(
    manifest,
    manifestDecoder,
    'plugin-invalid',
  );
  const { version } = decodeDocument(npmPackage, npmPackageDecoder, 'plugin-invalid');
  return { kind, root, version, releaseTagPrefix, image };
}

/**
 * Refuses plugins that would release into one place: with the same repository, or the same prefix of
 * release tags. Throws `plugin-clash`.
 */
export function refuseClashes(plugins: readonly Plugin[]): void {
  for (const key of [repositoryKey, prefixKey]) {
    const owners = new Map<string, Plugin>();
    for (const each of plugins) {
      const value = key(each);
      const owner = owners.get(value);
      if (owner !== undefined) {
        const files = `${join(each.root, pluginFile)} and ${join(owner.root, pluginFile)}`;
        throw new ReleaseError('plugin-clash', `${files} have the same ${value}; change one`);
      }
      owners.set(value, each);
    }
  }
}

const repositoryKey = ({ image }: Plugin) => `image.repository "${image.repository}"`;
const prefixKey = ({ releaseTagPrefix }: Plugin) => `releaseTagPrefix "${releaseTagPrefix}"`;

const platform: Decoder<Platform> = text(
  'a platform such as "linux/amd64" or "linux/arm64"',
  (name, place) => {
    try {
      return parsePlatform(name);
    } catch (error) {
      if (error instanceof OciError) return place.refuse(error.message);
      throw error;
    }
  },
);

const isSame = (a: unknown, b: unknown) => a === b;

// What ECR Public accepts in its catalog.
// https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_RepositoryCatalogDataInput.html
const descriptionLimit = 1024;
const markdownLimit = 25_600;

const line = (expected: string, limit = Infinity) =>
  text(expected, (value) =>
    /^(?!\s)[^\p{Cc}]+$/u.test(value) && lengthOf(value) <= limit ? value : undefined,
  );

const markdown = text(`Markdown of at most ${markdownLimit} characters`, (value) =>
  /^(?!\s)(?:[\n\t]|[^\p{Cc}])+$/u.test(value) && lengthOf(value) <= markdownLimit
    ? value
    : undefined,
);

/** In code points, as JSON schemas count. */
function lengthOf(value: string): number {
  return Array.from(value).length;
}

const image: Decoder<ImageSettings> = object('an image: { "repository", "title", … }', {
  repository: required(
    text('the name of a repository such as "teleport-plugin-email"', (name) =>
      accepted(() => parseRepositoryName(name)),
    ),
  ),
  title: required(line('a title on one line')),
  description: required(
    line(`a description on one line of at most ${descriptionLimit} characters`, descriptionLimit),
  ),
  platforms: required(
    list('an array of platforms such as "linux/amd64"', platform, {
      minimum: 1,
      same: samePlatform,
    }),
  ),
  floatingTags: optional(
    list('an array of "major", "minor" and "latest"', word(floatingTagKinds), { same: isSame }),
    [],
  ),
  user: required(
    text('a numeric user and group other than root, such as "65532:65532"', (user) =>
      /^[1-9]\d{0,8}:\d{1,9}$/.test(user) ? user : undefined,
    ),
  ),
  exposedPorts: optional(
    list(
      'an array of TCP ports',
      integer('a port between 1 and 65535', { minimum: 1, maximum: 65535 }),
      { same: isSame },
    ),
    [],
  ),
  arguments: optional(
    list(
      'an array of strings',
      text('a string without NUL', (value) => (value.includes('\0') ? undefined : value)),
    ),
    [],
  ),
  catalog: optional(
    object('texts of a catalog: { "about", "usage" }', {
      about: optional(markdown, undefined),
      usage: optional(markdown, undefined),
    }),
    {},
  ),
});

const manifestDecoder = object('what is released: { "kind", "releaseTagPrefix", "image" }', {
  $schema: optional(
    text('the path of the schema', (path) => path),
    undefined,
  ),
  kind: required(word(['image'])),
  releaseTagPrefix: required(
    text(prefixExpected, (prefix) => (isReleaseTagPrefix(prefix) ? prefix : undefined)),
  ),
  image: required(image),
});

const npmPackageDecoder = object(
  'the package.json of a plugin',
  {
    version: required(text(versionExpected, (text) => (isVersion(text) ? text : undefined))),
  },
  { open: true },
);
