import { expect, test } from 'vitest';

import { medians, ours, ratios, type Measurement } from './measurement.js';

const measurement = (who: string, wall: number): Measurement => ({
  what: 'copy',
  who,
  wall,
  cpu: wall / 2,
  peakMemory: 100,
  served: { requests: 10, bytesReceived: 1, bytesSent: 1 },
});

test('of several runs the one with the median time counts, for each program', () => {
  const runs = [
    [measurement(ours, 3), measurement('peer', 30)],
    [measurement(ours, 1), measurement('peer', 10)],
    [measurement(ours, 2), measurement('peer', 50)],
  ];
  expect(medians(runs)).toEqual([measurement(ours, 2), measurement('peer', 30)]);
});

test('ratios compare with each peer that did the same', () => {
  const others = [{ ...measurement(ours, 1), what: 'build' }, measurement('peer', 4)];
  expect(ratios([measurement(ours, 1), ...others])).toEqual([
    { what: 'copy', peer: 'peer', wall: 0.25, cpu: 0.25, peakMemory: 1, requests: 1 },
  ]);
});

test('ratios of what was written are those of the bytes', () => {
  const wrote = (who: string, bytes: number): Measurement => {
    const { served, ...rest } = measurement(who, 1);
    return { ...rest, written: { objects: served?.requests ?? 0, bytes } };
  };
  const [ratio] = ratios([wrote(ours, 3), wrote('peer', 4)]);
  expect(ratio).toMatchObject({ written: 0.75 });
  expect(ratio).not.toHaveProperty('requests');
});
