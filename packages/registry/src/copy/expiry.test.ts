import { expect, test } from 'vitest';

import { expiringGuard } from '../client/test/expiring-guard.js';
import { opened } from '../client/test/opened.js';
import { copyGraph } from './copy.js';
import { moveTag, tagOnce } from './tags.js';
import { partsIn, partsOf, store, testImage } from './test/images.js';
import { served } from './test/served.js';
import { verifyCopied } from './verify.js';

/** With a layer that is too large to be held in memory: it streams from one side to the other. */
const image = testImage(['small', Buffer.alloc(1.1 * 1024 * 1024, 'large')]);

test.each([
  ['ECR', 1],
  ['ECR in a hurry', 8],
  ['ECR Public', 1],
  ['ECR Public', 8],
  ['a registry with passwords', 8],
  ['a registry with tokens', 8],
] as const)(
  'a release to %s goes through whenever its credential runs out, with one more; %i requests at once',
  async (kind, concurrency) => {
    const upstream = await served();
    await store(image, upstream.registry.repository('from'));

    const release = async (expiring: number) => {
      const guard = await expiringGuard(upstream.host, kind);
      guard.expireBefore(expiring);
      const registry = opened(guard.host, { credentials: guard.credentials });
      const from = registry.repository('from');
      const name = `to${expiring}`;
      const to = registry.repository(name, { access: 'push' });
      const options = { concurrency };

      const copied = await copyGraph(from, to, image.root, options);
      const again = await copyGraph(from, to, image.root, options);
      await verifyCopied(to, image.root, options);
      expect(await tagOnce(to, image.root, '9.3.7')).toBe('tagged');
      expect(await moveTag(to, image.root, '9')).toBe('tagged');
      const beside = registry.repository(`${name}-beside`);
      const mounted = await copyGraph(to, beside, image.root, { ...options, mountFrom: name });

      expect(copied.copied.count).toBe(4);
      expect(again.skipped.count).toBe(4);
      expect(mounted.mounted.count).toBe(3);
      expect(await partsIn(upstream.registry.repository(name), image)).toEqual(partsOf(image));
      await registry.close();
      return guard;
    };

    const { log, asked } = await release(0);
    expect(asked.filter((refused) => refused !== undefined)).toEqual([]);
    for (let expiring = 1; expiring <= log.length; expiring++) {
      const guard = await release(expiring);
      const what = `it runs out before request ${expiring}, ${guard.log[expiring - 1] ?? ''}`;
      // Nothing has been handed out before the first one.
      const refused = expiring === 1 ? [] : ['password-1'];
      expect(
        guard.asked.filter((each) => each !== undefined),
        what,
      ).toEqual(refused);
    }
  },
  120_000,
);
