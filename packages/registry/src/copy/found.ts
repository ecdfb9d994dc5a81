import type { Descriptor, Digest, Repository } from '@teleport-plugins/oci';

import { RegistryError } from '../error.js';

/** A manifest or index. */
export interface ManifestNode {
  readonly descriptor: Descriptor;
  /** Exactly as they were read. */
  readonly bytes: Uint8Array;
  /** What is stored before it: its children, and what it refers to as a referrer. */
  readonly after: readonly Digest[];
}

/** A manifest that is known, not read yet. */
export type Arrival = Pick<ManifestNode, 'descriptor' | 'after'>;

/** Above these an image is refused before anything of it is written: it is a mistake, or a bomb. */
export const graphLimits = {
  /** Manifests on the longest path: an index of images is 2, with a signature of the index 3. */
  depth: 8,
  manifests: 1000,
  blobs: 10_000,
  /** Of all manifests together: they are in memory at the same time. */
  manifestBytes: 64 * 1024 * 1024,
} as const;

/** What has been found of an image while it is read: everything once, and within the limits. */
export class Found {
  readonly #image: string;
  readonly #sizes = new Map<Digest, number>();
  readonly #known = new Set<Digest>();
  readonly #manifests: ManifestNode[] = [];
  readonly #blobs = new Map<Digest, Descriptor>();
  #manifestBytes = 0;

  constructor(root: Descriptor, from: Repository) {
    this.#image = `${root.digest} of ${from.name}`;
  }

  /** Those that have been read, in the order of discovery. */
  get manifests(): readonly ManifestNode[] {
    return this.#manifests;
  }

  get blobs(): readonly Descriptor[] {
    return [...this.#blobs.values()];
  }

  /** The manifests among these that were not known yet, each once: they are to be read now. */
  admit(arrivals: readonly Arrival[], depth: number): readonly Arrival[] {
    const added: Arrival[] = [];
    for (const arrival of arrivals) {
      const { digest, size } = this.#consistent(arrival.descriptor);
      if (this.#known.has(digest)) continue;
      this.#known.add(digest);
      this.#manifestBytes += size;
      added.push(arrival);
    }
    if (added.length > 0) this.#refuseAbove('depth', depth);
    this.#refuseAbove('manifests', this.#known.size);
    this.#refuseAbove('manifestBytes', this.#manifestBytes);
    return added;
  }

  /** A manifest that has been read, and the blobs that it names. */
  add(manifest: ManifestNode, blobs: readonly Descriptor[]): void {
    this.#manifests.push(manifest);
    for (const blob of blobs) {
      if (!this.#blobs.has(this.#consistent(blob).digest)) this.#blobs.set(blob.digest, blob);
    }
    this.#refuseAbove('blobs', this.#blobs.size);
  }

  /** All manifests, in waves: each refers only to manifests of earlier waves. */
  waves(): readonly (readonly ManifestNode[])[] {
    const waves: (readonly ManifestNode[])[] = [];
    const placed = new Set<Digest>();
    for (let rest = this.manifests; rest.length > 0;) {
      const wave = rest.filter(({ after }) => after.every((digest) => placed.has(digest)));
      for (const { descriptor } of wave) placed.add(descriptor.digest);
      rest = rest.filter(({ descriptor }) => !placed.has(descriptor.digest));
      waves.push(wave);
      this.#refuseAbove('depth', waves.length);
    }
    return waves;
  }

  /** A digest has one size; a manifest that says otherwise lies about one of the two. */
  #consistent(descriptor: Descriptor): Descriptor {
    const { digest, size } = descriptor;
    const known = this.#sizes.get(digest) ?? size;
    if (known !== size) {
      throw this.#refusal(`it gives ${digest} the sizes ${known} and ${size}; build it again`);
    }
    this.#sizes.set(digest, size);
    return descriptor;
  }

  #refuseAbove(limit: keyof typeof graphLimits, value: number): void {
    const most = graphLimits[limit];
    if (value <= most) return;
    throw this.#refusal(`it has more than ${most} ${units[limit]}; copy its parts one by one`);
  }

  #refusal(why: string): RegistryError {
    return new RegistryError('graph-refused', `${this.#image} is not copied: ${why}`);
  }
}

const units: Readonly<Record<keyof typeof graphLimits, string>> = {
  depth: 'manifests below each other',
  manifests: 'manifests',
  blobs: 'blobs',
  manifestBytes: 'bytes of manifests',
};
