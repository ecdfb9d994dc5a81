import { join } from 'node:path';

import { type Fault, faultyProcess, temporaryDirectory, treeOf } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { gathered, pushImage, sampleImage, sampleReferrer } from '../contract/samples.js';
import { readAll } from '../content.js';
import type { Descriptor } from '../descriptor.js';
import { children, parseManifest } from '../manifest.js';
import type { Repository } from '../repository.js';
import { createLayoutIn, openLayoutIn } from './layout.js';
import type { Surroundings } from './surroundings.js';

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
      const disturbed = faultyProcess('disturbed', dead, { fault: { at, kind } });
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
  120_000,
);

test('Every file is synchronised before it gets its name, and its folder after that', async () => {
  const process = faultyProcess('self', new Set());
  await writeAll(process, join(await temporaryDirectory(), 'layout'));
  const { steps } = process;
  const renames = steps.flatMap((step, at) => (step.startsWith('rename') ? [at] : []));
  const files = renames.filter((at) => steps[at] !== 'rename .unfinished .lock');
  expect(files.length).toBeGreaterThan(4);
  for (const at of files) {
    const before = steps.slice(steps.lastIndexOf('open wx .unfinished', at), at);
    expect(before.slice(0, 4)).toEqual(['open wx .unfinished', 'write', 'sync', 'close']);
    expect(steps.slice(at + 1, at + 4)).toEqual([
      expect.stringMatching(/^open r /),
      'sync',
      'close',
    ]);
  }
});

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
