import { children, memoryRepository, parseManifest, type Repository } from '@teleport-plugins/oci';
import { describe, expect, test } from 'vitest';

import { RegistryError } from '../error.js';
import { copyGraph } from './copy.js';
import { tagOnce } from './tags.js';
import { partsIn, partsOf, store, testImage, twoPlatforms, type TestImage } from './test/images.js';
import { stepped, type Step } from './test/stepped.js';
import { verifyCopied } from './verify.js';

const image = twoPlatforms();
const signature = testImage(['signature'], {
  subject: image.root,
  artifactType: 'application/vnd.example.signature',
});

/** What ends at a step: that step alone, or everything, as when the process is killed there. */
type Fault = 'step' | 'process';

describe.each<{ fault: Fault; concurrency: number }>([
  { fault: 'step', concurrency: 1 },
  { fault: 'step', concurrency: 8 },
  { fault: 'process', concurrency: 1 },
  { fault: 'process', concurrency: 8 },
])('a copy that fails at any $fault with $concurrency at once', ({ fault, concurrency }) => {
  const options = { concurrency, referrers: 'all' } as const;
  const release = async (from: Repository, to: Repository): Promise<void> => {
    await copyGraph(from, to, image.root, options);
    await verifyCopied(to, image.root, options);
    await tagOnce(to, image.root, '9.3.7');
  };

  test('leaves nothing half-visible, and runs to its end when it is run again', async () => {
    const source = memoryRepository('source');
    await store(image, source);
    await store(signature, source);

    let steps = 0;
    for (let failing = 0; failing <= steps; failing++) {
      steps = 0;
      let failed: Step | undefined;
      const stepping = (step: Step): void => {
        steps += 1;
        if (steps - 1 !== failing && !(fault === 'process' && failed)) return;
        failed ??= step;
        throw new Error('injected');
      };
      const target = memoryRepository('target');
      const outcome = await release(stepped(source, stepping), stepped(target, stepping)).then(
        () => undefined,
        (error: unknown) => error,
      );
      const stepsAtEnd = steps;
      await turnsOfTheEventLoop();

      const what = `step ${failing}: ${failed?.repository} ${failed?.operation} ${failed?.at}`;
      expect(steps, `${what}: work goes on after the end`).toBe(stepsAtEnd);
      if (failed === undefined) expect(outcome).toBeUndefined();
      else if (fault === 'step') expectOneFailure(outcome, failed, what);
      await expectWhole(target, what);

      await release(source, target);
      expect(await partsIn(target, image), what).toEqual(partsOf(image));
      expect(await partsIn(target, signature), what).toEqual(partsOf(signature));
      expect((await target.manifests.resolve('9.3.7'))?.digest).toBe(image.root.digest);
    }
    expect(steps).toBeGreaterThan(100);
  });
});

test('an abort at any step ends the copy with the reason of the abort', async () => {
  const source = memoryRepository('source');
  await store(image, source);
  let steps = 0;
  for (let aborting = 0; aborting <= steps; aborting++) {
    steps = 0;
    const controller = new AbortController();
    const stepping = (): void => {
      if (steps++ === aborting) controller.abort(new Error('the user said stop'));
    };
    const target = memoryRepository('target');
    const outcome = await copyGraph(
      stepped(source, stepping),
      stepped(target, stepping),
      image.root,
      { signal: controller.signal },
    ).catch((error: unknown) => error);
    if (controller.signal.aborted) expect(outcome).toBe(controller.signal.reason);
    else expect(outcome).toMatchObject({ copied: { count: 9 } });
    await expectWhole(target, `abort at step ${aborting}`);
  }
});

/** The first failure alone, told by the side where it was and by what it was about. */
function expectOneFailure(outcome: unknown, failed: Step, what: string): void {
  const isTagWrite = failed.operation === 'tag';
  if (isTagWrite && failed.at === 'after') return expect(outcome, what).toBeUndefined();
  if (isTagWrite || failed.about === '9.3.7') {
    return expect(outcome, what).toMatchObject({ message: 'injected' });
  }
  expect(outcome, what).toBeInstanceOf(RegistryError);
  const { code, message } = outcome as RegistryError;
  expect(message, what).toContain('injected');
  expect(message, what).toContain(failed.repository);
  expect(message, what).toContain(failed.about);
  const side = failed.repository === 'source' ? 'source-failed' : 'destination-failed';
  expect([side, 'copy-unverified'], what).toContain(code);
}

/** Every manifest that is there has all that it refers to, and a tag names one that is there. */
async function expectWhole(repository: Repository, what: string): Promise<void> {
  const parts = await partsIn(repository, both);
  for (const { descriptor, bytes } of both.manifests.values()) {
    if (!parts.has(descriptor.digest)) continue;
    const { manifests, blobs } = children(parseManifest(descriptor, bytes));
    const missing = [...manifests, ...blobs].filter(({ digest }) => !parts.has(digest));
    expect(missing, what).toEqual([]);
  }
  const tagged = await repository.manifests.resolve('9.3.7');
  if (tagged !== undefined) expect(parts, what).toEqual(partsOf(both));
}

const both: TestImage = {
  root: image.root,
  manifests: new Map([...image.manifests, ...signature.manifests]),
  blobs: new Map([...image.blobs, ...signature.blobs]),
};

async function turnsOfTheEventLoop(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
