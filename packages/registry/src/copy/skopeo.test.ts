import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { openLayout, type Repository } from '@teleport-plugins/oci';
import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { copyGraph } from './copy.js';
import { tagOnce } from './tags.js';
import { partsIn, partsOf, store, testImage, testIndex } from './test/images.js';
import { served, type Served } from './test/served.js';
import { verifyCopied } from './verify.js';

const layer = (content: string) => gzipSync(Buffer.alloc(70_000, content));
const image = testIndex(
  testImage([layer('base'), layer('amd64')]),
  testImage([layer('base'), layer('arm64'), layer('more')]),
);

describeWithPeer({ program: 'skopeo', install: 'apt-get install skopeo' }, (program) => {
  const skopeo = async (...args: readonly string[]): Promise<Buffer> => {
    const env = { HOME: await temporaryDirectory(), PATH: '/usr/bin:/bin' };
    const options = { env, encoding: 'buffer' } as const;
    const all = ['--insecure-policy', ...args];
    return (await promisify(execFile)(program, all, options)).stdout;
  };
  const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];

  test('a copy between registries is the one that skopeo makes, byte for byte', async () => {
    const staging = await served();
    const source = staging.registry.repository('staging');
    await store(image, source);
    await tagOnce(source, image.root, '9.3.7');
    const [ours, theirs] = [await served(), await served()];
    const to = ours.registry.repository('public');
    const requests = (...of: readonly Served[]) =>
      of.flatMap(({ count }) => Object.values(count())).reduce((sum, count) => sum + count, 0);
    requests(staging);

    await copyGraph(source, to, image.root);
    await tagOnce(to, image.root, '9.3.7');
    const requestsOfOurs = requests(staging, ours);
    await skopeo(
      ...['copy', '--all', '--preserve-digests', ...insecure],
      `docker://${staging.host}/staging:9.3.7`,
      `docker://${theirs.host}/public:9.3.7`,
    );

    expect(requestsOfOurs).toBeLessThan(requests(staging, theirs));

    const other = theirs.registry.repository('public');
    expect((await other.manifests.resolve('9.3.7'))?.digest).toBe(image.root.digest);
    expect(await manifestsIn(other)).toEqual(await manifestsIn(to));
    expect(await partsIn(other, image)).toEqual(await partsIn(to, image));
    const inspect = (host: string) =>
      skopeo('inspect', '--raw', '--tls-verify=false', `docker://${host}/public:9.3.7`);
    expect(await inspect(ours.host)).toEqual(await inspect(theirs.host));
  });

  test('a copy of ours is copied on by skopeo, out to a layout and in again from one', async () => {
    const ours = await served();
    const source = ours.registry.repository('public');
    await store(image, source);
    await tagOnce(source, image.root, '9.3.7');
    const directory = join(await temporaryDirectory(), 'layout');
    const out = [`docker://${ours.host}/public:9.3.7`, `oci:${directory}:9.3.7`];
    await skopeo('copy', '--all', '--preserve-digests', '--src-tls-verify=false', ...out);

    const layout = await openLayout(directory);
    expect((await layout.manifests.resolve('9.3.7'))?.digest).toBe(image.root.digest);
    await verifyCopied(layout, image.root);
    const again = (await served()).registry.repository('again');
    await copyGraph(layout, again, image.root);
    expect(await partsIn(again, image)).toEqual(partsOf(image));
    expect(await manifestsIn(again)).toEqual(await manifestsIn(source));
  });
});

async function manifestsIn(repository: Repository): Promise<readonly string[]> {
  const read = [...image.manifests.values()].map(async ({ descriptor }) =>
    Buffer.from(await repository.manifests.fetch(descriptor)).toString(),
  );
  return Promise.all(read);
}
