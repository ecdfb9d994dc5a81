import { parseDigest, type Digest, type Platform } from '@teleport-plugins/oci';

import type { Json } from './canonical-json.js';
import { ImageError } from './error.js';

/** What an image takes over from the config of its base. */
export interface BaseConfig {
  readonly platform: Platform;
  /** `NAME=value`, in order. */
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  /** Digests of the layers without compression, lowest first. */
  readonly diffIds: readonly Digest[];
  readonly history: readonly Json[];
}

/**
 * Reads an OCI or Docker image config; `where` names the image in errors.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md#properties
 */
export function parseBaseConfig(bytes: Uint8Array, where: string): BaseConfig {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const document = objectOf(JSON.parse(text), 'the document');
    const config = objectOf(document.config ?? {}, 'config');
    const rootfs = objectOf(document.rootfs, 'rootfs');
    return {
      platform: platformOf(document),
      env: listOf(config.Env ?? [], 'config.Env').map((each) => stringOf(each, 'config.Env')),
      labels: labelsOf(config.Labels ?? {}),
      volumes: Object.keys(objectOf(config.Volumes ?? {}, 'config.Volumes')),
      diffIds: listOf(rootfs.diff_ids, 'rootfs.diff_ids').map((each) =>
        parseDigest(stringOf(each, 'rootfs.diff_ids')),
      ),
      history: listOf(document.history ?? [], 'history'),
    };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ImageError('base-invalid', `config of ${where}: ${problem}; name another base`, {
      cause,
    });
  }
}

function platformOf(document: JsonObject): Platform {
  const { variant, 'os.version': version } = document;
  return {
    os: stringOf(document.os, 'os'),
    architecture: stringOf(document.architecture, 'architecture'),
    ...(variant !== undefined && variant !== '' && { variant: stringOf(variant, 'variant') }),
    ...(version !== undefined && { 'os.version': stringOf(version, 'os.version') }),
  };
}

function labelsOf(value: Json): Readonly<Record<string, string>> {
  const labels = objectOf(value, 'config.Labels');
  for (const label of Object.values(labels)) stringOf(label, 'config.Labels');
  return labels as Record<string, string>;
}

// What came out of JSON.parse: no member is `undefined`, an absent one reads as `undefined`.
type JsonObject = Readonly<Record<string, Json>>;

function objectOf(value: unknown, name: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw new TypeError(`${name}: expected an object`);
}

function listOf(value: unknown, name: string): readonly Json[] {
  if (Array.isArray(value)) return value as Json[];
  throw new TypeError(`${name}: expected a list`);
}

function stringOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`${name}: expected a text`);
}
