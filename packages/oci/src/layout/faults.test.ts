import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { gathered, pushImage, sampleImage, sampleReferrer } from '../contract/samples.js';
import { readAll } from '../content.js';
import type { Descriptor } from '../descriptor.js';
import { children, parseManifest } from '../manifest.js';
import type { Repository } from '../repository.js';
import { createLayoutIn, openLayoutIn } from './layout.js';
import type { Surroundings } from './surroundings.js';
import { faultyProcess, type Fault } from './test/faulty-surroundings.js';
import { treeOf } from './test/tree.js';

const kinds: readonly Fault['kind'][] = ['kill', 'tear', 'fail', 'fail late'];

test.each(kinds)(
  'A layout survives "%s" at every step, and is the same once the work is done again',
  async (kind) => {
    const base = await temporaryDirectory();
    const whole = faultyProcess('undisturbed', new Set());
    await writeAll(whole, join(base, 'undisturbed'));
    const expected = await treeOf(join(base, 'undisturbed'));

    for (const [at, step] of whole.steps.entries()) {
      if (kind === 'tear' && step !== 'write') continue;
      const directory = join(base, String(at));
      const dead = new Set<string>();
      const disturbed = faultyProcess('disturbed', dead, { at, kind });
      const failure = await writeAll(disturbed, directory).catch((error: unknown) => error);
      const where = `${kind} at step ${at}, ${step}`;

      const reader = faultyProcess('reader', dead);
      const before = await openLayoutIn(reader, directory).catch((error: unknown) => error);
      if (before instanceof Error) {
        // Only a layout that was never complete is not one.
        expect(before, where).toMatchObject({ code: 'layout-invalid' });
        expect(before.message, where).toContain('has no file oci-layout');
      } else {
        await checkTags(before as Repository);
      }
      if (kind.startsWith('fail') && failure !== undefined) {
        expect(failure, where).toMatchObject({ name: 'OciError', code: 'layout-failed' });
      }

      // The same process goes on after a failure, another one after a kill.
      const repairing = kind.startsWith('fail') ? disturbed : faultyProcess('repairing', dead);
      await writeAll(repairing, directory);
      dead.add('disturbed');
      await createLayoutIn(faultyProcess('sweeping', dead), directory);
      expect(await treeOf(directory), where).toEqual(expected);
    }
  },
  60_000,
);

const subject = sampleImage('elsewhere');
const image = sampleReferrer(subject.descriptor, { artifactType: 'application/x.signature' });

/** All that writes to a layout, from nothing. */
async function writeAll(process: Surroundings, directory: string): Promise<void> {
  const layout = await createLayoutIn(process, directory);
  await pushImage(layout, image);
  await layout.manifests.tag(image.descriptor, 'latest');
}

/** Fails unless all that the tags lead to is there, byte for byte. */
async function checkTags(layout: Repository): Promise<void> {
  const check = async (root: Descriptor): Promise<void> => {
    const below = children(parseManifest(root, await layout.manifests.fetch(root)));
    for (const blob of below.blobs) await readAll(layout.blobs.fetch(blob), { limit: blob.size });
    for (const manifest of below.manifests) await check(manifest);
  };
  for (const tag of await gathered(layout.manifests.tags())) {
    const root = await layout.manifests.resolve(tag);
    expect(root).toBeDefined();
    if (root) await check(root);
  }
}
