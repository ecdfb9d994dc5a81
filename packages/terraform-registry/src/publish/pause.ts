import { setTimeout } from 'node:timers/promises';

import type { OperationOptions } from '../content.js';

/** Waits before the next try of something that others are doing too. */
export type Pause = (attempt: number, options?: OperationOptions) => Promise<void>;

const shortest = 20;
const longest = 2000;

/** Doubles with each attempt, up to two seconds, by chance between nothing and that. */
export const jitteredPause: Pause = async (attempt, options) => {
  const most = Math.min(longest, shortest * 2 ** Math.min(attempt, 10));
  await setTimeout(Math.random() * most, undefined, options);
};
