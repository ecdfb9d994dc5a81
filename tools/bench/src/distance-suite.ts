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
import { runStep } from './step/run-step.js';

/** In milliseconds, for each request. */
const latency = 30;

/**
 * Many small blobs between registries that are far away, where round trips are what takes time: two
 * platforms with five layers each.
 */
export function distanceSuite(bench: Bench): Promise<readonly Measurement[]> {
  const what = `copy 12 blobs, ${latency} ms away`;
  const image = { platforms: 2, layers: 5, layerSize: 1000 };

  return inNewFolder(async (folder) => {
    const source = join(folder, 'staging');
    await withRegistry(bench, source, (staging) =>
      runStep(bench.workspace, 'fill', { to: placeIn(staging), image }),
    );
    const measurements: Measurement[] = [];
    const far = { latency };
    await withRegistry(
      bench,
      source,
      async (from) => {
        const into = (name: string, use: Parameters<typeof withRegistry>[2]) =>
          withRegistry(bench, join(folder, name), use, far);
        await into('ours', async (to) => {
          const promotion = { from: placeIn(from), to: placeIn(to) };
          const both = [from, to];
          measurements.push(
            await measureStep(bench, what, 'promote', promotion, both),
            await measureStep(bench, `${what}, again`, 'promote', promotion, both),
          );
        });
        for (const peer of bench.peers) {
          await into(peer.name, async (to) => {
            measurements.push(
              await measurePeer(bench, what, peer, from, to),
              await measurePeer(bench, `${what}, again`, peer, from, to),
            );
          });
        }
      },
      far,
    );
    return measurements;
  });
}
