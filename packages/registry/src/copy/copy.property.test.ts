import { contentOf, memoryRepository } from '@teleport-plugins/oci';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { copyGraph } from './copy.js';
import { planCopy } from './plan.js';
import { partsIn, partsOf, store, testImage, testIndex, type TestImage } from './test/images.js';
import { counted, stepped, type Step } from './test/stepped.js';
import { verifyCopied } from './verify.js';

/** A recipe of an image: its layers, or which of the images before it an index lists. */
type Recipe = { readonly layers: readonly number[] } | { readonly lists: readonly number[] };

const recipe: fc.Arbitrary<Recipe> = fc.oneof(
  fc.record({ layers: fc.array(fc.nat(5), { maxLength: 4 }) }),
  fc.record({ lists: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }) }),
);

/** Images that share layers and children as they like; no path is longer than the limit. */
const images: fc.Arbitrary<readonly TestImage[]> = fc
  .array(recipe, { minLength: 1, maxLength: 8 })
  .map((recipes) => {
    const made: TestImage[] = [];
    for (const each of recipes) {
      if ('layers' in each || made.length === 0) {
        made.push(testImage('layers' in each ? each.layers.map((n) => `layer ${n}`) : []));
      } else {
        made.push(testIndex(...each.lists.map((n) => made[n % made.length]!)));
      }
    }
    return made;
  });

test('a copy adds exactly what the image consists of and the destination lacks, each part once', async () => {
  await fc.assert(
    fc.asyncProperty(
      images,
      fc.nat(),
      fc.array(fc.nat(), { maxLength: 10 }),
      fc.integer({ min: 1, max: 9 }),
      async (all, chosen, there, concurrency) => {
        const from = memoryRepository('from');
        for (const each of all) await store(each, from);
        const universe = {
          root: all[0]!.root,
          manifests: new Map(all.flatMap(({ manifests }) => [...manifests])),
          blobs: new Map(all.flatMap(({ blobs }) => [...blobs])),
        };
        const image = all[chosen % all.length]!;
        const to = memoryRepository('to');
        // Any parts may be there already, whole or not.
        const parts = [...universe.blobs.values(), ...universe.manifests.values()];
        for (const { descriptor, bytes } of there.map((n) => parts[n % parts.length]!)) {
          if (universe.manifests.has(descriptor.digest)) await to.manifests.push(descriptor, bytes);
          else await to.blobs.push(descriptor, contentOf(bytes));
        }
        const before = await partsIn(to, universe);
        const steps: Step[] = [];

        const plan = await planCopy(from, to, image.root, { concurrency });
        const result = await copyGraph(
          from,
          stepped(to, (step) => steps.push(step)),
          image.root,
          { concurrency },
        );

        expect(await partsIn(to, universe)).toEqual(new Set([...before, ...partsOf(image)]));
        expect([plan.copy, plan.mount, plan.skip]).toEqual([
          result.copied,
          result.mounted,
          result.skipped,
        ]);
        expect(result.copied.count + result.skipped.count).toBe(partsOf(image).size);
        expect([...counted(steps).values()].every((count) => count === 1)).toBe(true);
        const pushed = steps.filter(
          ({ operation, at }) => operation === 'blob.push' && at === 'before',
        );
        expect(pushed.filter(({ about }) => before.has(about as never))).toEqual([]);
        await verifyCopied(to, image.root, { concurrency });
      },
    ),
    { numRuns: 300 },
  );
});
