import { describe, expect, test } from 'vitest';

import { inParallel, together } from './in-parallel.js';

describe('inParallel', () => {
  test('returns the results in the order of the items, however they end', async () => {
    const results = await inParallel([3, 1, 2], { concurrency: 3 }, async (turns) => {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      return turns * 10;
    });
    expect(results).toEqual([30, 10, 20]);
  });

  test('throws the first failure when everything else has come to rest, and begins nothing after it', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const failing = inParallel([0, 1, 2, 3, 4, 5], { concurrency: 3 }, async (item, signal) => {
      begun.push(item);
      await Promise.resolve();
      if (item === 1) throw new Error('first');
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      ended.push(item);
      if (signal.aborted) throw new Error('later');
    });
    await expect(failing).rejects.toThrow('first');
    expect(begun).toEqual([0, 1, 2]);
    expect(ended).toEqual([0, 2]);
  });

  test('throws the reason of the caller for an abort, whatever the work makes of it', async () => {
    const controller = new AbortController();
    const stopped = inParallel([0, 1], { concurrency: 1, signal: controller.signal }, async () => {
      controller.abort(new Error('stop'));
      await Promise.resolve();
      throw new Error('aborted by a signal');
    });
    await expect(stopped).rejects.toThrow(/^stop$/);
  });

  test('does nothing for nothing', async () => {
    expect(await inParallel([], { concurrency: 4 }, () => Promise.reject(new Error()))).toEqual([]);
  });

  test.each([0, -1, NaN])('refuses to do %s things at once', async (concurrency) => {
    const work = inParallel([1], { concurrency }, () => Promise.resolve());
    await expect(work).rejects.toThrow(RangeError);
  });

  test('does nothing once aborted', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    const work = inParallel([1], { concurrency: 4, signal }, () =>
      Promise.reject(new Error('ran')),
    );
    await expect(work).rejects.toThrow('stop');
  });
});

test('together does two things at the same time', async () => {
  let meet: () => void = () => undefined;
  const met = new Promise<void>((resolve) => (meet = resolve));
  const results = await together(
    undefined,
    () => met.then(() => 'first'),
    () => {
      meet();
      return Promise.resolve(2);
    },
  );
  expect(results).toEqual(['first', 2]);
});
