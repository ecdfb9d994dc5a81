import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, onTestFinished, test } from 'vitest';

import { openRegistry, type Registry } from '../client/registry.js';
import { startDockerRegistry } from '../server/test/docker-registry.js';
import { copyGraph } from './copy.js';
import { moveTag, tagOnce } from './tags.js';
import { partsIn, partsOf, store, testImage, twoPlatforms } from './test/images.js';
import { served } from './test/served.js';
import { verifyCopied } from './verify.js';

const image = twoPlatforms();
const sbom = testImage(['sbom'], { subject: image.root, artifactType: 'application/spdx+json' });

const peer = { program: 'docker-registry', install: 'apt-get install docker-registry' };

/** It refuses a manifest before its parts are there, and knows no referrers. */
describeWithPeer(peer, (program) => {
  const started = async (): Promise<Registry> => {
    const running = await startDockerRegistry(program, await temporaryDirectory());
    const registry = openRegistry(running.host);
    onTestFinished(async () => {
      await registry.close();
      await running.stop();
    });
    return registry;
  };

  test('an image goes in with its referrers, is verified and tagged, and comes out the same', async () => {
    const source = (await served()).registry.repository('staging');
    await store(image, source);
    await store(sbom, source);
    const docker = (await started()).repository('gravitational/plugin');
    const back = (await served()).registry.repository('back');

    for (const [from, to] of [
      [source, docker],
      [docker, back],
    ] as const) {
      await copyGraph(from, to, image.root, { referrers: 'all' });
      await verifyCopied(to, image.root);
      expect(await tagOnce(to, image.root, '9.3.7')).toBe('tagged');
      expect(await tagOnce(to, image.root, '9.3.7')).toBe('already');
      await expect(tagOnce(to, sbom.root, '9.3.7')).rejects.toMatchObject({ code: 'tag-exists' });
      expect(await moveTag(to, image.root, 'latest')).toBe('tagged');
      expect(await moveTag(to, sbom.root, 'latest')).toBe('moved');
    }
    expect(await partsIn(back, image)).toEqual(partsOf(image));
    expect(await partsIn(back, sbom)).toEqual(partsOf(sbom));
  });

  test('blobs are mounted from another repository', async () => {
    const registry = await started();
    const from = registry.repository('gravitational/from');
    await store(image, from);
    const to = registry.repository('gravitational/to');
    const before = registry.traffic.bytesSent;
    const result = await copyGraph(from, to, image.root, { mountFrom: 'gravitational/from' });
    expect(result.mounted.count).toBe(image.blobs.size);
    const manifests = [...image.manifests.values()].reduce(
      (sum, { bytes }) => sum + bytes.length,
      0,
    );
    expect(registry.traffic.bytesSent - before).toBe(manifests);
    await verifyCopied(to, image.root);
  });
});
