import type { Usage } from './processes.js';
import type { Served } from './registry/served.js';

/** What a program wrote. */
export interface Written {
  /** Objects of a store, or files. */
  readonly objects: number;
  readonly bytes: number;
}

/** One program doing one thing once. Times in milliseconds, memory in bytes. */
export interface Measurement extends Usage {
  readonly what: string;
  /** `ours`, or a peer with its version. */
  readonly who: string;
  readonly wall: number;
  /** Of `ours` only, and not in `wall`: Node starts, and loads the steps. */
  readonly start?: number;
  /** What the registries saw of it. */
  readonly served?: Served;
  /** What it left, where nobody served it. */
  readonly written?: Written;
  /** The most memory that a registry's process had, for registries that served nothing else. */
  readonly registryMemory?: number;
}

export const ours = 'ours';

/** Of several runs, those with the median time for each thing and program, in the order of the first. */
export function medians(runs: readonly (readonly Measurement[])[]): readonly Measurement[] {
  const all = runs.flat();
  return (runs[0] ?? []).map((first) => {
    const same = all.filter(({ what, who }) => what === first.what && who === first.who);
    const sorted = same.sort((one, other) => one.wall - other.wall);
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? first;
  });
}

/** How much of what a peer takes we take, for the same thing. */
export interface Ratio {
  readonly what: string;
  readonly peer: string;
  readonly wall: number;
  readonly cpu: number;
  readonly peakMemory: number;
  readonly requests?: number;
  /** Of the bytes that were written. */
  readonly written?: number;
}

export function ratios(measurements: readonly Measurement[]): readonly Ratio[] {
  const peers = measurements.filter(({ who }) => who !== ours);
  return peers.flatMap((peer) => {
    const own = measurements.find(({ what, who }) => what === peer.what && who === ours);
    if (own === undefined) return [];
    return [
      {
        what: peer.what,
        peer: peer.who,
        wall: own.wall / peer.wall,
        cpu: own.cpu / peer.cpu,
        peakMemory: own.peakMemory / peer.peakMemory,
        ...(own.served && peer.served && { requests: own.served.requests / peer.served.requests }),
        ...(own.written && peer.written && { written: own.written.bytes / peer.written.bytes }),
      },
    ];
  });
}
