import { hostBaseReference } from '@teleport-plugins/image';
import { parseManifest, type Descriptor, type Repository } from '@teleport-plugins/oci';
import {
  protectionFlags,
  refuseViolations,
  violations,
  type ProtectionFlag,
} from '@teleport-plugins/release';

import { readCheckout } from '../sources/git.js';
import type { EnvironmentStep, StepOptions } from './step.js';

/**
 * Refuses to write to a protected environment what that does not want to have. Returns the flags
 * that it took to allow it, for the receipt. Throws `protected` (packages/release).
 */
export async function refuseUnprotected(
  step: EnvironmentStep,
  image: Descriptor,
  from: Repository,
): Promise<readonly ProtectionFlag[]> {
  const { environment, plugin, selection, run, options } = step;
  if (!environment.protected) return [];
  const isHostBase = (await baseName(image, from)) === hostBaseReference;
  const found = violations(environment, {
    plugin,
    selection,
    checkout: await readCheckout(run),
    base: isHostBase ? { kind: 'host' } : undefined,
  });
  return refuseViolations(environment, found, allowedBy(options));
}

/** The image says itself what it was built on, whoever built it. */
async function baseName(image: Descriptor, from: Repository): Promise<string | undefined> {
  const { annotations } = parseManifest(image, await from.manifests.fetch(image));
  return annotations?.['org.opencontainers.image.base.name'];
}

/** `--allow-dirty` is `allowDirty` among the options of a target. */
function allowedBy(options: StepOptions): readonly ProtectionFlag[] {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const key = (flag: string) =>
    flag.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return protectionFlags.filter((flag) => given[key(flag)] === true);
}
