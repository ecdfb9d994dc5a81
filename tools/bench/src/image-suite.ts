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

/**
 * The steps of a release, each in its own process, on registries that are empty before: an image of
 * one large program on the host's Node. Peers do the promotion.
 */
export function imageSuite(bench: Bench): Promise<readonly Measurement[]> {
  // A program of 9 MB, which every checkout has.
  const file = join(bench.workspace.root, 'node_modules/typescript/lib/typescript.js');

  return inNewFolder(async (folder) => {
    const [bases, layout] = [join(folder, 'bases'), join(folder, 'layout')];
    const measurements = [
      await measureStep(bench, 'build-image, cold', 'build', { bases, layout, file }),
      await measureStep(bench, 'build-image, base there', 'build', {
        bases,
        layout: join(folder, 'again'),
        file,
      }),
      await measureStep(bench, 'build-image, all there', 'build', { bases, layout, file }),
    ];

    await withRegistry(bench, join(folder, 'staging'), async (staging) => {
      const push = { bases, layout, to: placeIn(staging) };
      measurements.push(
        await measureStep(bench, 'push-staging', 'push', push, [staging]),
        await measureStep(bench, 'push-staging, again', 'push', push, [staging]),
      );
      await withRegistry(bench, join(folder, 'public'), async (to) => {
        const promotion = { from: placeIn(staging), to: placeIn(to) };
        const both = [staging, to];
        measurements.push(
          await measureStep(bench, 'promote-public', 'promote', promotion, both),
          await measureStep(bench, 'promote-public, again', 'promote', promotion, both),
        );
      });
      for (const peer of bench.peers) {
        await withRegistry(bench, join(folder, peer.name), async (to) => {
          measurements.push(
            await measurePeer(bench, 'promote-public', peer, staging, to),
            await measurePeer(bench, 'promote-public, again', peer, staging, to),
          );
        });
      }
    });
    return measurements;
  });
}
