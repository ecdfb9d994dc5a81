import type { S3 } from '@aws-sdk/client-s3';

import { s3Failure, type Task } from './failure.js';
import type { S3StoreOptions, Tuning } from './options.js';
import { retryBudget } from './retry.js';

type Request<T> = (s3: S3, options: { readonly abortSignal?: AbortSignal }) => Promise<T>;

/** How S3 is asked. The first request loads the SDK. */
export interface Calls {
  /** Asks once. Throws an `ObjectStoreError`. */
  once<T>(task: Task, request: Request<T>): Promise<T>;
  /** Asks, again as long as it fails for reasons that pass. */
  call<T>(task: Task, request: Request<T>): Promise<T>;
  /** What to throw for an error that came later than the answer, in the midst of its body. */
  readonly explain: (error: unknown, task: Task) => unknown;
  /** Whether an answer has shown that the bucket is there. */
  readonly bucketSeen: () => boolean;
  readonly tuning: Tuning;
}

export function s3Calls(options: S3StoreOptions, tuning: Tuning): Calls {
  const secrets = new Set<string>();
  const ofProvider = new WeakSet<Error>();
  let client: Promise<S3> | undefined;
  let seen = false;

  const once: Calls['once'] = async (task, request) => {
    const { signal } = task;
    signal?.throwIfAborted();
    const s3 = await (client ??= openClient(watched(options, secrets, ofProvider), tuning));
    try {
      const result = await request(s3, signal ? { abortSignal: signal } : {});
      seen = true;
      return result;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof Error && ofProvider.has(error)) throw error;
      throw s3Failure(error, task, secrets);
    }
  };

  return {
    once,
    async call(task, request) {
      const budget = retryBudget(tuning);
      for (;;) {
        try {
          return await once(task, request);
        } catch (error) {
          await budget.pause(error, task.signal);
        }
      }
    },
    explain: (error, task) =>
      task.signal?.aborted === true
        ? (task.signal.reason as unknown)
        : s3Failure(error, task, secrets),
    bucketSeen: () => seen,
    tuning,
  };
}

/** The same options, which note what is secret, and what the provider of credentials throws. */
function watched(
  options: S3StoreOptions,
  secrets: Set<string>,
  ofProvider: WeakSet<Error>,
): S3StoreOptions {
  return {
    ...options,
    async credentials() {
      try {
        const found = await options.credentials();
        secrets.add(found.secretAccessKey);
        if (found.sessionToken !== undefined) secrets.add(found.sessionToken);
        return found;
      } catch (error) {
        if (error instanceof Error) ofProvider.add(error);
        throw error;
      }
    },
  };
}

async function openClient(
  { bucket, region, endpoint, addressing, credentials, agents }: S3StoreOptions,
  { timeouts }: Tuning,
): Promise<S3> {
  const [sdk, http, https] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('node:http'),
    import('node:https'),
  ]);
  // A name with dots is no host that AWS's certificates are for.
  const inPath = endpoint !== undefined || bucket.includes('.');
  return new sdk.S3({
    region,
    ...(endpoint !== undefined && { endpoint }),
    forcePathStyle: addressing === undefined ? inPath : addressing === 'path',
    credentials: async () => {
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = await credentials();
      return {
        ...{ accessKeyId, secretAccessKey },
        ...(sessionToken !== undefined && { sessionToken }),
        ...(expiration !== undefined && { expiration }),
      };
    },
    // The SDK's own default, a CRC32 beside every body, is refused by S3 servers that do not know it. It
    // would add nothing: all bodies here are at hand, and their SHA-256 is part of the signature.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Repeating is up to the callers here: what a repeated conditional write is answered depends on the
    // one before.
    maxAttempts: 1,
    // Waiting for "continue" would take a new connection for each body.
    expectContinueHeader: false,
    requestHandler: {
      httpAgent: agents?.httpAgent ?? new http.Agent({ keepAlive: true }),
      httpsAgent: agents?.httpsAgent ?? new https.Agent({ keepAlive: true }),
      connectionTimeout: timeouts.connect,
      socketTimeout: timeouts.idle,
      requestTimeout: timeouts.answer,
      throwOnRequestTimeout: true,
    },
  });
}
