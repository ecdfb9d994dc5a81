import type { BaseImage, BuiltImage } from '@teleport-plugins/image';
import {
  formatPlatform,
  parseDescriptor,
  parseDigest,
  type Descriptor,
  type Digest,
} from '@teleport-plugins/oci';

/** What a step reads in `dist/image.json`. */
export interface ImageSummary {
  readonly version: string;
  readonly index: Descriptor;
  readonly base: { readonly reference: string; readonly digest: Digest };
}

/** `dist/image.json`: for this workspace's steps, and for anybody who wants to know. */
export function formatSummary(version: string, built: BuiltImage, base: BaseImage): string {
  const document = {
    schemaVersion: 1,
    version,
    index: built.index,
    base: { reference: base.reference, digest: base.index.digest },
    platforms: built.platforms.map(({ platform, manifest, config, layers }) => ({
      platform: formatPlatform(platform),
      manifest: manifest.digest,
      config: config.digest,
      layers: layers.map(({ digest, size }) => ({ digest, size })),
      size: layers.reduce((sum, layer) => sum + layer.size, 0),
    })),
    omittedPlatforms: built.omitted.map(formatPlatform),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Throws an error that says what is wrong with the text, and not in which file. */
export function parseSummary(text: string): ImageSummary {
  const document = objectOf(jsonOf(text), '');
  const version = textOf(document.version, 'version: ');
  const index = parseDescriptor(document.index, 'index');
  const base = objectOf(document.base, 'base: ');
  const reference = textOf(base.reference, 'base.reference: ');
  return { version, index, base: { reference, digest: digestOf(base.digest, 'base.digest: ') } };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError('is not JSON', { cause });
  }
}

// What came out of JSON.parse: an absent member reads as `undefined`.
type JsonObject = Readonly<Record<string, unknown>>;

function objectOf(value: unknown, where: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw new TypeError(`${where}expected an object, found ${kindOf(value)}`);
}

function textOf(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`${where}expected a text, found ${kindOf(value)}`);
}

function digestOf(value: unknown, where: string): Digest {
  const text = textOf(value, where);
  try {
    return parseDigest(text);
  } catch (cause) {
    throw new TypeError(`${where}expected a digest, found ${JSON.stringify(text)}`, { cause });
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
