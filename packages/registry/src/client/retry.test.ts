import { expect, test } from 'vitest';

import { RegistryError } from '../error.js';
import { longestRetryAfter, parseRetryAfter, retried } from './retry.js';
import { testClock } from './test/opened.js';

const passing = new RegistryError('unavailable', 'not now', { transient: true, status: 503 });

test('work is repeated after pauses that grow and are spread', async () => {
  const clock = testClock();
  let times = 0;
  const work = () => {
    times += 1;
    return times < 5 ? Promise.reject(passing) : Promise.resolve('done');
  };
  const random = () => 0.5;
  expect(await retried({ retries: 5, clock, random }, undefined, work)).toBe('done');
  expect(clock.pauses).toEqual([187.5, 375, 750, 1500]);
});

test('pauses stay below ten seconds', async () => {
  const clock = testClock();
  const work = () => Promise.reject(passing);
  await expect(retried({ retries: 9, clock, random: () => 1 }, undefined, work)).rejects.toThrow();
  expect(Math.max(...clock.pauses)).toBe(10_000);
});

test('when all repetitions are used the error says so', async () => {
  const options = { retries: 2, clock: testClock(), random: () => 0 };
  await expect(retried(options, undefined, () => Promise.reject(passing))).rejects.toMatchObject({
    code: 'unavailable',
    message: 'not now (tried 3 times)',
    status: 503,
    transient: true,
    cause: passing,
  });
});

test('what does not pass is not repeated', async () => {
  const options = { retries: 5, clock: testClock(), random: () => 0 };
  const error = new RegistryError('denied', 'no');
  await expect(retried(options, undefined, () => Promise.reject(error))).rejects.toBe(error);
  expect(options.clock.pauses).toEqual([]);
});

test('Retry-After is honoured as it is given, never shorter', async () => {
  const clock = testClock();
  const error = new RegistryError('throttled', 'wait', { transient: true, retryAfter: 42_000 });
  let times = 0;
  const work = () => (times++ === 0 ? Promise.reject(error) : Promise.resolve('done'));
  await retried({ retries: 5, clock, random: () => 0 }, undefined, work);
  expect(clock.pauses).toEqual([42_000]);
});

test('who asks to be left alone for longer than the maximum is not asked again', async () => {
  const clock = testClock();
  const retryAfter = longestRetryAfter + 1000;
  const error = new RegistryError('throttled', 'wait', { transient: true, retryAfter });
  const options = { retries: 5, clock, random: () => 0 };
  await expect(retried(options, undefined, () => Promise.reject(error))).rejects.toBe(error);
  expect(clock.pauses).toEqual([]);
});

test('a pause ends when its signal is aborted', async () => {
  const controller = new AbortController();
  const options = { retries: 5, clock: testClock(), random: () => 0 };
  const work = () => {
    controller.abort(new Error('enough'));
    return Promise.reject(passing);
  };
  await expect(retried(options, controller.signal, work)).rejects.toThrow('enough');
});

test.each([
  ['120', undefined, 120_000],
  ['0', undefined, 0],
  ['Tue, 24 Nov 2026 10:00:30 GMT', 'Tue, 24 Nov 2026 10:00:00 GMT', 30_000],
  ['Tue, 24 Nov 2026 09:00:00 GMT', 'Tue, 24 Nov 2026 10:00:00 GMT', 0],
  ['Tue, 24 Nov 2026 10:00:30 GMT', undefined, undefined],
  ['soon', 'Tue, 24 Nov 2026 10:00:00 GMT', undefined],
  ['-1', undefined, undefined],
  [undefined, undefined, undefined],
])('Retry-After %s, dated %s, is %s ms', (value, date, expected) => {
  expect(parseRetryAfter(value, date)).toBe(expected);
});
