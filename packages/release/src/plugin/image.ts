import {
  OciError,
  parsePlatform,
  parseRepositoryName,
  type Platform,
  samePlatform,
} from '@teleport-plugins/oci';

import { accepted } from '../accepted.js';
import { type FloatingTagKind, floatingTagKinds } from '../floating-tags.js';
import { type Decoder, integer, text, word } from '../json/decode.js';
import { list } from '../json/list.js';
import { object, optional, required } from '../json/object.js';
import { line, markdown } from './texts.js';

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
const catalogText = markdown(25_600);

export const imageSettings: Decoder<ImageSettings> = object(
  'an image: { "repository", "title", … }',
  {
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
        about: optional(catalogText, undefined),
        usage: optional(catalogText, undefined),
      }),
      {},
    ),
  },
);
