import {
  parseRepositoryName,
  type Content,
  type Descriptor,
  type Digest,
  type OperationOptions,
  type PushOptions,
} from '@teleport-plugins/oci';

import { RegistryError } from '../error.js';
import { abandon } from './abandon.js';
import { pointedTo } from './address.js';
import { complaintOf, refusal } from './answer.js';
import { blobSource, type BlobSource } from './blob-source.js';
import { shared } from './clock.js';
import { orMissing } from './missing.js';
import type { Place } from './place.js';
import { retryBudget } from './retry.js';
import { pullFrom, union } from './scope.js';
import { failed, type Task } from './task.js';
import type { HttpResponse } from './response.js';

export interface Uploads {
  /** Without `reopen`, a large blob is sent once. */
  push(blob: Descriptor, content: Content, options?: PushOptions): Promise<void>;
  mount(blob: Descriptor, fromRepository: string, options?: OperationOptions): Promise<boolean>;
}

/** A registry may read a large blob once more before it answers, to verify it. In milliseconds. */
const verificationTime = 300_000;

/**
 * Uploads are one POST and one PUT of the whole with its length: chunked uploads are where registries
 * differ. https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#post-then-put
 */
export function uploadsTo(
  place: Place,
  exists: (blob: Descriptor, options: OperationOptions) => Promise<boolean>,
): Uploads {
  const { exchange, path, scopes, urls } = place;
  const pushing = (blob: Descriptor) => `push blob ${blob.digest} to ${path}`;
  /** Uploads that a registry opened instead of mounting. */
  const opened = new Map<Digest, URL>();

  const begin = async (blob: Descriptor, signal: AbortSignal | undefined): Promise<URL> => {
    const act = pushing(blob);
    const task = exchange.taskOf({ act });
    const request = {
      act,
      method: 'POST',
      url: urls.uploads(),
      scopes: scopes.write,
      signal,
    } as const;
    const response = await exchange.open(request);
    try {
      if (response.status === 404) throw await refusal(task, response, { code: 'name-unknown' });
      if (response.status !== 202) throw await refusal(task, response);
      return sessionOf(response, task);
    } finally {
      await response.discard();
    }
  };

  const finish = async (
    blob: Descriptor,
    session: URL,
    source: BlobSource,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const act = pushing(blob);
    const task = exchange.taskOf({ act });
    const response = await exchange.open({
      act,
      method: 'PUT',
      url: completing(session, blob.digest),
      scopes: scopes.write,
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) },
      body: source,
      headersTimeout: verificationTime,
      signal,
    });
    try {
      if (await isSessionLost(response)) {
        const what = 'no longer knows the upload';
        throw failed('unavailable', task, response.url, what, 'try again', {
          status: 404,
          transient: true,
        });
      }
      if (![200, 201, 204].includes(response.status)) throw await refusal(task, response);
    } finally {
      await response.discard();
    }
  };

  const isStored = (blob: Descriptor, signal: AbortSignal | undefined): Promise<boolean> =>
    exists(blob, { ...(signal && { signal }) }).catch(() => false);

  /** Sends a blob, as often as it takes. `sessions` gets the uploads that are opened for it. */
  const send = async (
    blob: Descriptor,
    source: BlobSource,
    sessions: URL[],
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const budget = retryBudget(exchange.retry);
    let session = opened.get(blob.digest);
    opened.delete(blob.digest);
    for (;;) {
      try {
        const upload = session ?? (await begin(blob, signal));
        session = undefined;
        sessions.push(upload);
        await shared(source.ready, signal);
        await finish(blob, upload, source, signal);
        return;
      } catch (error) {
        if (source.failure) throw source.failure.error;
        await budget.pause(error, signal).catch(async (last: unknown) => {
          throw source.isBegun ? last : await orMissing(last, place, pushing(blob), signal);
        });
        // Only the answer may have been lost.
        if (source.isBegun && (await isStored(blob, signal))) return;
        if (source.isSpent) throw error;
      }
    }
  };

  return {
    async push(blob, content, { reopen, signal } = {}) {
      const source = blobSource(blob, content, reopen);
      const sessions: URL[] = [];
      try {
        await send(blob, source, sessions, signal).finally(() => {
          source.release();
        });
      } catch (error) {
        const isTorn = source.failure !== undefined || signal?.aborted === true;
        if (isTorn || isAnswer(error)) await abandon(place, blob, sessions, { isTorn });
        throw error;
      }
    },

    async mount(blob, fromRepository, { signal } = {}) {
      const from = parseRepositoryName(fromRepository);
      const query = `?mount=${encodeURIComponent(blob.digest)}&from=${encodeURIComponent(from)}`;
      const call = {
        act: `mount blob ${blob.digest} of ${from} in ${path}`,
        method: 'POST',
        url: urls.uploads(query),
        scopes: union(scopes.write, [pullFrom(from)]),
        signal,
      } as const;
      try {
        return await exchange.call(call, [201, 202], (response, task) => {
          if (response.status === 201) return true;
          opened.set(blob.digest, sessionOf(response, task));
          return false;
        });
      } catch (error) {
        // Not being able to mount is no failure: pushing is, if that is not possible either.
        if (error instanceof RegistryError && declined.has(error.code)) return false;
        throw await orMissing(error, place, call.act, signal);
      }
    },
  };
}

const declined: ReadonlySet<string> = new Set([
  'unauthorized',
  'denied',
  'rejected',
  'not-found',
  'name-unknown',
]);

/** Whether the registry is there to be asked for something more, and not overloaded. */
function isAnswer(error: unknown): boolean {
  return error instanceof RegistryError && error.status !== undefined && error.code !== 'throttled';
}

function sessionOf(response: HttpResponse, task: Task): URL {
  const location = response.header('location');
  if (location !== undefined) return pointedTo(location, response.url, task);
  throw failed('garbage', task, response.url, 'opened an upload without saying where');
}

/** Added as text: parsing a query and writing it again could change what was signed. */
function completing(session: URL, digest: Digest): URL {
  const query = session.search === '' ? '?' : `${session.search}&`;
  const url = new URL(session);
  url.search = `${query}digest=${encodeURIComponent(digest)}`;
  return url;
}

async function isSessionLost(response: HttpResponse): Promise<boolean> {
  if (response.status !== 404) return false;
  return (await complaintOf(response)).codes.includes('BLOB_UPLOAD_UNKNOWN');
}
