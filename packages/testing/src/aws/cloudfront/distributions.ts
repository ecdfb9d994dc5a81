import { createHash } from 'node:crypto';

import type { DistributionOptions } from '../options.js';

/** What CloudFront is asked to forget. */
export interface InvalidationBatch {
  readonly callerReference: string;
  /** `/store/*` */
  readonly paths: readonly string[];
}

export interface Invalidation extends InvalidationBatch {
  readonly id: string;
  readonly created: Date;
}

export interface Distribution extends DistributionOptions {
  /** In the order in which they were made. */
  readonly invalidations: Invalidation[];
}

export interface Distributions {
  /** One of an account's own; there are no others for it. */
  find(account: string, id: string): Distribution | undefined;
  /** The paths of each invalidation so far. Throws when there is no such distribution. */
  invalidations(id: string): readonly (readonly string[])[];
}

export function distributionsOf(options: readonly DistributionOptions[]): Distributions {
  const all = options.map((distribution): Distribution => ({ ...distribution, invalidations: [] }));
  return {
    find: (account, id) => all.find((each) => each.account === account && each.id === id),
    invalidations(id) {
      const found = all.find((each) => each.id === id);
      if (found === undefined) {
        throw new Error(`there is no ${id} among the emulator's distributions`);
      }
      return found.invalidations.map(({ paths }) => paths);
    },
  };
}

/** Adds one, or gives the one that a request of the same reference made; `undefined` when that had other paths. */
export function invalidate(
  { id: distribution, invalidations }: Distribution,
  batch: InvalidationBatch,
  created: Date,
): Invalidation | undefined {
  const { callerReference, paths } = batch;
  const known = invalidations.find((each) => each.callerReference === callerReference);
  if (known !== undefined) {
    return known.paths.join('\n') === paths.join('\n') ? known : undefined;
  }
  const seed = `${distribution} ${callerReference}`;
  const id = `I${createHash('sha256').update(seed).digest('hex').slice(0, 24).toUpperCase()}`;
  const invalidation = { ...batch, id, created };
  invalidations.push(invalidation);
  return invalidation;
}
