import type { RateLimits } from '../options.js';
import { tooMany } from './fault.js';
import type { RegistryAction } from './routes.js';

/** Throws the fault of a registry when there have been too many requests of a kind in this second. */
export type Rates = (action: RegistryAction) => void;

export function rates(limits: Required<RateLimits>, now: () => Date): Rates {
  const perSecond: Readonly<Partial<Record<RegistryAction, number>>> = {
    PutImage: limits.putImage,
    InitiateLayerUpload: limits.initiateUpload,
    CompleteLayerUpload: limits.completeUpload,
  };
  let second = 0;
  let counts: Partial<Record<RegistryAction, number>> = {};
  return (action) => {
    const limit = perSecond[action];
    if (limit === undefined) return;
    const current = Math.floor(now().getTime() / 1000);
    if (current !== second) [second, counts] = [current, {}];
    const count = counts[action] ?? 0;
    if (count >= limit) throw tooMany();
    counts[action] = count + 1;
  };
}

/** As AWS documents them. */
export const privateLimits = { putImage: 10, initiateUpload: 100, completeUpload: 100 };
export const publicLimits = { putImage: 10, initiateUpload: 10, completeUpload: 10 };
