import type { Digest } from '@teleport-plugins/oci';

import type { BaseConfig } from './base-config.js';
import { canonicalJson, type Json } from './canonical-json.js';
import { nonRootUser, type ImageSpec } from './spec.js';
import { platformMembers } from './write.js';

/** What the config says about the layer of the image itself and about its base. */
export interface ConfigParts {
  readonly base: BaseConfig;
  /** Digest of the image's own layer without compression. */
  readonly diffId: Digest;
  /** `org.opencontainers.image.base.…` */
  readonly baseLabels: Readonly<Record<string, string>>;
}

/**
 * The config of an image: what describes the file system and the environment of the base is
 * inherited, what describes the program that the base would run (user, command, ports, signal,
 * health check) is not. https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md
 */
export function imageConfig(
  spec: ImageSpec,
  { base, diffId, baseLabels }: ConfigParts,
): Uint8Array {
  const created = timestamp(spec.created);
  return canonicalJson({
    created,
    ...platformMembers(base.platform),
    config: {
      User: spec.user ?? nonRootUser,
      Entrypoint: spec.entrypoint,
      Cmd: spec.cmd,
      Env: mergeEnv(base.env, spec.env ?? {}),
      WorkingDir: spec.workdir ?? '/',
      Labels: { ...withoutOwn(base.labels), ...spec.labels, ...baseLabels },
      ExposedPorts: setOf((spec.exposedPorts ?? []).map((port) => `${port}/tcp`)),
      Volumes: setOf(base.volumes),
    },
    rootfs: { type: 'layers', diff_ids: [...base.diffIds, diffId] },
    history: [...base.history, { created, created_by: '@teleport-plugins/image' }],
  });
}

/** `2026-11-24T03:00:00Z`: RFC 3339 in whole seconds. */
export function timestamp(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** The base's variables in their order, those of the same name replaced, then the new ones by name. */
function mergeEnv(
  base: readonly string[],
  own: Readonly<Record<string, string>>,
): readonly string[] {
  const merged = new Map(base.map((each) => [each.split('=', 1)[0] ?? each, each]));
  for (const name of Object.keys(own).sort()) merged.set(name, `${name}=${own[name] ?? ''}`);
  return [...merged.values()];
}

/** Without the labels by which the base describes itself: its title is not that of the image. */
function withoutOwn(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(labels).filter(([name]) => !name.startsWith('org.opencontainers.image.')),
  );
}

/** A set as Go writes it; nothing when it is empty. */
function setOf(members: readonly string[]): Json | undefined {
  if (members.length === 0) return undefined;
  return Object.fromEntries(members.map((member) => [member, {}]));
}
