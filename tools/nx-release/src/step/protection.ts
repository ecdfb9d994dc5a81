import { hostBaseReference } from '@teleport-plugins/image';
import {
  parseManifest,
  type Descriptor,
  type OperationOptions,
  type Repository,
} from '@teleport-plugins/oci';
import {
  protectionFlags,
  refuseViolations,
  violations,
  type ProtectionFlag,
} from '@teleport-plugins/release';

import { readCheckout } from '../sources/git.js';
import { readTaggedRevision } from '../sources/provenance.js';
import type { AnyStep, EnvironmentStep, StepOptions } from './step.js';

/**
 * Refuses to write to a protected environment what that does not want to have. Returns the flags
 * that it took to allow it, for the receipt. `builtHere` says that the image comes from this checkout,
 * and not from where it is staged. Throws `protected` (packages/release).
 */
export async function refuseUnprotected(
  step: EnvironmentStep,
  image: Descriptor,
  from: Repository,
  { builtHere = false }: { readonly builtHere?: boolean } = {},
): Promise<readonly ProtectionFlag[]> {
  const { environment, plugin, selection, run, options } = step;
  if (!environment.protected) return [];
  const { revision, baseName } = await statements(image, from, { signal: step.host.signal });
  const found = violations(environment, {
    plugin,
    selection,
    checkout: await readCheckout(run),
    image: {
      digest: image.digest,
      revision,
      isBuiltHere: builtHere,
      sources: await readTaggedRevision(step),
    },
    base: baseName === hostBaseReference ? { kind: 'host' } : undefined,
  });
  return refuseViolations(environment, found, allowedBy(options));
}

/**
 * The same for what is not made of the sources of the workspace: the checkout counts, and its tag. Throws
 * `protected` (packages/release).
 */
export async function refuseUnprotectedRelease(step: AnyStep): Promise<readonly ProtectionFlag[]> {
  const { environment, plugin, selection, run, options } = step;
  if (!environment.protected) return [];
  const found = violations(environment, { plugin, selection, checkout: await readCheckout(run) });
  return refuseViolations(environment, found, allowedBy(options));
}

/** What the image says itself of where it comes from, whoever built it. */
async function statements(image: Descriptor, from: Repository, options: OperationOptions) {
  const { annotations = {} } = parseManifest(image, await from.manifests.fetch(image, options));
  return {
    revision: annotations['org.opencontainers.image.revision'],
    baseName: annotations['org.opencontainers.image.base.name'],
  };
}

/** `--allow-dirty` is `allowDirty` among the options of a target. */
function allowedBy(options: StepOptions): readonly ProtectionFlag[] {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const key = (flag: string) =>
    flag.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return protectionFlags.filter((flag) => given[key(flag)] === true);
}
