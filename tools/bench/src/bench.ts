import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from './measure.js';
import { ours, type Measurement } from './measurement.js';
import type { Peer } from './peers.js';
import { startRegistry, type RegistryProcess } from './registry/registry-process.js';
import { sumOf, type Served } from './registry/served.js';
import { runStep } from './step/run-step.js';
import type { Place, StepInputs } from './step/steps.js';
import type { Workspace } from './workspace.js';

/** What the suites measure with. */
export interface Bench {
  readonly workspace: Workspace;
  readonly peers: readonly Peer[];
}

/** The same image in every registry of the benchmark. */
export function placeIn({ host }: RegistryProcess): Place {
  return { host, repository: 'gravitational/bench', tag: '1.0.0' };
}

/** Uses a new folder, and removes it. */
export async function inNewFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Uses a registry over a folder, and ends it. `latency` is in milliseconds. */
export async function withRegistry<T>(
  { workspace }: Bench,
  directory: string,
  use: (registry: RegistryProcess) => Promise<T>,
  { latency = 0 }: { readonly latency?: number } = {},
): Promise<T> {
  const registry = await startRegistry(workspace, directory, latency);
  try {
    return await use(registry);
  } finally {
    await registry.stop();
  }
}

/** One of our steps, with what these registries see of it. */
export async function measureStep<Name extends keyof StepInputs>(
  { workspace }: Bench,
  what: string,
  name: Name,
  input: StepInputs[Name],
  registries: readonly RegistryProcess[] = [],
): Promise<Measurement> {
  await servedBy(registries);
  const step = await runStep(workspace, name, input);
  return { what, who: ours, ...step, ...(await seenBy(registries)) };
}

/** A peer's copy, likewise. */
export async function measurePeer(
  { workspace }: Bench,
  what: string,
  peer: Peer,
  from: RegistryProcess,
  to: RegistryProcess,
): Promise<Measurement> {
  await servedBy([from, to]);
  const { wall, cpu, peakMemory } = await run({
    program: peer.program,
    args: peer.copy(placeIn(from), placeIn(to)),
    cwd: workspace.root,
    env: workspace.env,
  });
  return { what, who: peer.name, wall, cpu, peakMemory, ...(await seenBy([from, to])) };
}

async function seenBy(registries: readonly RegistryProcess[]) {
  if (registries.length === 0) return {};
  const used = await Promise.all(registries.map((registry) => registry.usage()));
  const registryMemory = Math.max(...used.map(({ peakMemory }) => peakMemory));
  return { served: await servedBy(registries), registryMemory };
}

async function servedBy(registries: readonly RegistryProcess[]): Promise<Served> {
  return sumOf(await Promise.all(registries.map((registry) => registry.served())));
}
