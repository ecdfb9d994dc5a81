import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

import type { S3 } from '@teleport-plugins/testing';

import type { ObjectStore } from '../../index.js';
import { defaultTuning, type S3StoreOptions, type Tuning } from '../options.js';
import { openS3Store } from '../s3-store.js';

/** Repeats at once, and has small parts. */
const quickTuning: Tuning = {
  ...defaultTuning,
  singleLimit: 1024 * 1024,
  sleep: () => new Promise((resolve) => setImmediate(resolve)),
};

/** A store of the bucket `bucket`. */
export function openedStore(
  s3: Pick<S3, 'region' | 'credentials'> & Partial<Pick<S3, 'endpoint'>>,
  options: Partial<S3StoreOptions> = {},
  tuning: Partial<Tuning> = {},
): ObjectStore {
  return openS3Store(
    {
      bucket: 'bucket',
      region: s3.region,
      endpoint: s3.endpoint,
      credentials: () => Promise.resolve(s3.credentials),
      ...options,
    },
    { ...quickTuning, ...tuning },
  );
}

/** Connections of which each leads to this machine, whatever the name of the host. */
export function loopbackAgents(): NonNullable<S3StoreOptions['agents']> {
  const lookup = ((_name: string, _options: unknown, done: (...found: unknown[]) => void) =>
    done(null, [{ address: '127.0.0.1', family: 4 }])) as never;
  return {
    httpAgent: new HttpAgent({ keepAlive: true, lookup }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
  };
}
