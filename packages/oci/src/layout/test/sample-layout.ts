import { pushImage, sampleImage, sampleIndex, sampleReferrer } from '../../contract/samples.js';
import type { Repository } from '../../repository.js';

export const images = [sampleImage('one'), sampleImage('two')] as const;
export const index = sampleIndex(images);
export const signature = sampleReferrer(index.descriptor, {
  artifactType: 'application/x.signature',
});

/** An index of two images with a tag, and a signature of it. */
export async function writeSample(layout: Repository): Promise<void> {
  for (const image of images) await pushImage(layout, image);
  await layout.manifests.push(index.descriptor, index.bytes);
  await layout.manifests.tag(index.descriptor, '1.0.0');
  await pushImage(layout, signature);
}
