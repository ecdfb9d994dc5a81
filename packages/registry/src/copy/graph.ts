import { children, parseManifest, type Descriptor, type Repository } from '@teleport-plugins/oci';

import { Found, type Arrival, type ManifestNode } from './found.js';
import { inParallel, type ParallelOptions } from './in-parallel.js';
import { atSource } from './sides.js';

/** All that an image consists of; only the bytes of its blobs are not read yet. */
export interface Graph {
  /** The manifests, in waves: each refers only to blobs and to manifests of earlier waves. */
  readonly waves: readonly (readonly ManifestNode[])[];
  /** Each once, however many manifests share it. */
  readonly blobs: readonly Descriptor[];
}

/** `all`, or those with one of these artifact types. */
export type Referrers = 'all' | readonly string[];

export interface GraphOptions extends ParallelOptions {
  /** Which manifests that refer to the image or to a part of it belong to it. Default: none. */
  readonly referrers?: Referrers | undefined;
}

/**
 * Reads the manifests of an image: each once, those of one level at the same time.
 *
 * @throws RegistryError `graph-refused` for what is too large to be an image (`graphLimits`) or
 *   contradicts itself; `source-failed` when a manifest cannot be read or is not one
 */
export async function readGraph(
  from: Repository,
  root: Descriptor,
  options: GraphOptions,
): Promise<Graph> {
  const found = new Found(root, from);
  await readLevels(from, [{ descriptor: root, after: [] }], found, options);
  if (options.referrers !== undefined) {
    await readReferrers(from, options.referrers, found, options);
  }
  return { waves: found.waves(), blobs: found.blobs };
}

/** Reads manifests, then their children, and so on down; what is known already is not read again. */
async function readLevels(
  from: Repository,
  roots: readonly Arrival[],
  found: Found,
  options: ParallelOptions,
): Promise<void> {
  let level = found.admit(roots, 1);
  for (let depth = 2; level.length > 0; depth++) {
    const read = await inParallel(level, options, async (arrival, signal) => ({
      ...arrival,
      ...(await readManifest(from, arrival.descriptor, signal)),
    }));
    for (const { descriptor, bytes, after, manifests, blobs } of read) {
      const below = manifests.map((child) => child.digest);
      found.add({ descriptor, bytes, after: [...after, ...below] }, blobs);
    }
    const below = read.flatMap(({ manifests }) => manifests);
    level = found.admit(
      below.map((descriptor) => ({ descriptor, after: [] })),
      depth,
    );
  }
}

/** Reads what refers to the manifests found so far, then what refers to that (a signed SBOM). */
async function readReferrers(
  from: Repository,
  wanted: Referrers,
  found: Found,
  options: ParallelOptions,
): Promise<void> {
  for (let asked = 0; asked < found.manifests.length;) {
    const subjects = found.manifests.slice(asked);
    asked = found.manifests.length;
    const referrers = await inParallel(subjects, options, ({ descriptor }, signal) =>
      listReferrers(from, descriptor, wanted, signal),
    );
    await readLevels(from, referrers.flat(), found, options);
  }
}

async function readManifest(from: Repository, descriptor: Descriptor, signal: AbortSignal) {
  return atSource(`reading manifest ${descriptor.digest} from ${from.name}`, signal, async () => {
    const bytes = await from.manifests.fetch(descriptor, { signal });
    return { bytes, ...children(parseManifest(descriptor, bytes)) };
  });
}

async function listReferrers(
  from: Repository,
  subject: Descriptor,
  wanted: Referrers,
  signal: AbortSignal,
): Promise<readonly Arrival[]> {
  const doing = `listing the referrers of ${subject.digest} in ${from.name}`;
  return atSource(doing, signal, async () => {
    const arrivals: Arrival[] = [];
    for await (const descriptor of from.manifests.referrers(subject, { signal })) {
      if (wanted === 'all' || wanted.includes(descriptor.artifactType ?? '')) {
        arrivals.push({ descriptor, after: [subject.digest] });
      }
    }
    return arrivals;
  });
}
