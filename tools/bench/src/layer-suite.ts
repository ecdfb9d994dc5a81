import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import {
  inNewFolder,
  measurePeer,
  measureStep,
  placeIn,
  withRegistry,
  type Bench,
} from './bench.js';
import type { Measurement } from './measurement.js';
import type { RegistryProcess } from './registry/registry-process.js';
import { runStep } from './step/run-step.js';

const mebibyte = 1024 * 1024;

/** Large layers from registry to registry: memory must not grow with their size, in MiB. */
export async function layerSuite(
  bench: Bench,
  sizes: readonly number[],
): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const size of sizes) measurements.push(...(await copyLayer(bench, size)));
  return measurements;
}

function copyLayer(bench: Bench, mebibytes: number): Promise<readonly Measurement[]> {
  const what = `copy a layer of ${mebibytes} MiB`;

  return inNewFolder(async (folder) => {
    const source = join(folder, 'staging');
    await withRegistry(bench, source, (staging) =>
      runStep(bench.workspace, 'fill', {
        to: placeIn(staging),
        image: { platforms: 1, layers: 1, layerSize: mebibytes * mebibyte },
      }),
    );

    /** Both registries are started for each copy: their memory is what that copy made of it. */
    const between = async (
      name: string,
      copy: (from: RegistryProcess, to: RegistryProcess) => Promise<Measurement>,
    ): Promise<Measurement> => {
      const target = join(folder, name);
      const measured = await withRegistry(bench, source, (from) =>
        withRegistry(bench, target, (to) => copy(from, to)),
      );
      await rm(target, { recursive: true });
      return measured;
    };

    const measurements = [
      await between('ours', (from, to) => {
        const promotion = { from: placeIn(from), to: placeIn(to) };
        return measureStep(bench, what, 'promote', promotion, [from, to]);
      }),
    ];
    for (const peer of bench.peers) {
      measurements.push(
        await between(peer.name, (from, to) => measurePeer(bench, what, peer, from, to)),
      );
    }
    return measurements;
  });
}
