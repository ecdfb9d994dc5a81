/**
 * A process of its own for the tests: `tag <folder> <prefix> <count>` pushes an image and writes so many
 * tags. `hold <folder>` takes the lock, `stall <folder>` writes half of a blob; both say so and stay until they
 * are killed.
 */
import { pushImage, sampleBlob, sampleImage } from '../../contract/samples.js';
import type { Content } from '../../content.js';
import { createLayout } from '../layout.js';
import { withLock } from '../lock.js';
import { realSurroundings } from '../surroundings.js';

const [task, folder = '', prefix = '', count = '0'] = process.argv.slice(2);

if (task === 'tag') {
  const layout = await createLayout(folder);
  const image = sampleImage(prefix);
  await pushImage(layout, image);
  for (let number = 0; number < Number(count); number += 1) {
    await layout.manifests.tag(image.descriptor, `${prefix}-${number}`);
  }
} else if (task === 'hold') {
  await withLock(folder, await realSurroundings(), undefined, stay);
} else {
  const { blobs } = await createLayout(folder);
  const { descriptor, bytes } = sampleBlob('half of this is written');
  await blobs.push(descriptor, half(bytes));
}

async function* half(bytes: Uint8Array): Content {
  yield bytes.subarray(0, bytes.byteLength / 2);
  yield bytes.subarray(bytes.byteLength / 2, bytes.byteLength - 1);
  await stay();
}

function stay(): Promise<never> {
  process.stdout.write('here\n');
  return new Promise(() => setInterval(() => undefined, 60_000));
}
