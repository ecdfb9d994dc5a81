import type { Content } from '@teleport-plugins/oci';
import type { Secret } from '@teleport-plugins/secrets';

import type { RegistryErrorCode } from '../error.js';
import { complaintOf, isOfExpiry, refusal } from './answer.js';
import type { Authorization } from './authorization.js';
import { shared } from './clock.js';
import { followed } from './redirect.js';
import { retried, type RetryOptions } from './retry.js';
import type { Scope } from './scope.js';
import type { Task } from './task.js';
import type { HttpResponse } from './response.js';
import type { HttpRequest, Transport } from './transport.js';

/** A request to a registry, in the name of whoever has the credential. */
interface Call extends Omit<HttpRequest, 'task' | 'headers' | 'body'> {
  /** Continues "cannot …" in messages. */
  readonly act: string;
  /** What the request needs to be allowed. */
  readonly scopes: readonly Scope[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | CallBody;
}

/** A body that may be there only once. */
export interface CallBody {
  readonly isSpent: boolean;
  open(): Uint8Array | Content;
}

/** How one registry is talked to. */
export interface Exchange {
  readonly retry: RetryOptions;
  /** One answer, whatever it is, with authorization and redirects seen to. Its body is the caller's to end. */
  open(call: Call): Promise<HttpResponse>;
  /**
   * The same, read: again as long as it fails for reasons that pass. `read` gets answers of these statuses;
   * all others are thrown.
   */
  call<T>(
    call: Call,
    statuses: readonly number[],
    read: (response: HttpResponse, task: Task) => Promise<T> | T,
  ): Promise<T>;
  /**
   * One answer to a request on which nothing depends, sent once and with the authorization that there is: a
   * refusal is no reason to ask for more rights.
   */
  attempt(call: Call): Promise<HttpResponse>;
  taskOf(call: Pick<Call, 'act'>): Task;
}

export interface ExchangeOptions {
  readonly host: string;
  readonly registry: URL;
  readonly transport: Transport;
  readonly authorization: Authorization;
  readonly retry: RetryOptions;
}

export function exchangeWith(options: ExchangeOptions): Exchange {
  const { host, registry, transport, authorization, retry } = options;
  const contact = firstContact(authorization);
  const taskOf = ({ act }: Pick<Call, 'act'>): Task => ({ registry: host, act });

  const open = async (call: Call): Promise<HttpResponse> => {
    const task = taskOf(call);
    // An upload's address may be elsewhere: nobody there is told who we are.
    if (call.url.origin !== registry.origin) {
      return transport.send(requestOf(call, task, undefined));
    }
    const leave = await contact.enter(call);
    try {
      for (let isRefreshed = false; ;) {
        const header = await authorization.headerFor(call.scopes, task, call.signal);
        const response = await followed(transport, requestOf(call, task, header));
        const isOurs = response.url.origin === registry.origin;
        const isRefused = isOurs && (await refuses(response, header));
        if (isOurs && !isRefused) {
          if (header === undefined) contact.admit(call);
          else authorization.accepted(header);
        }
        if (!isRefused || isRefreshed) return response;
        // Told in any case: what comes after it needs another credential too.
        const isWorthIt = await authorization
          .refused(response, call, header)
          .catch(discarding(response));
        if (!isWorthIt || isSpent(call)) return response;
        isRefreshed = header !== undefined;
        leave();
        await response.discard();
      }
    } finally {
      leave();
    }
  };

  return {
    retry,
    open,
    taskOf,
    attempt: async (call) => {
      const task = taskOf(call);
      const header = await authorization.headerFor(call.scopes, task, call.signal);
      return transport.send(requestOf(call, task, header));
    },
    call: (call, statuses, read) =>
      retried(retry, call.signal, async () => {
        const task = taskOf(call);
        const response = await open(call);
        try {
          if (statuses.includes(response.status)) return await read(response, task);
          throw await refusal(task, response, onAbsence(call, response));
        } finally {
          await response.discard();
        }
      }),
  };
}

function requestOf(call: Call, task: Task, header: Secret | undefined): HttpRequest {
  const { body } = call;
  const authorization: Record<string, string> = header ? { authorization: header.reveal() } : {};
  return {
    ...call,
    task,
    headers: { ...call.headers, ...authorization },
    body: body === undefined || body instanceof Uint8Array ? body : body.open(),
  };
}

/** Where something is written, there is nothing yet: it is the repository that is missing. */
function onAbsence(
  { method }: Call,
  { status }: HttpResponse,
): { readonly code?: RegistryErrorCode } {
  const isWrite = method === 'POST' || method === 'PUT';
  return isWrite && status === 404 ? { code: 'name-unknown' } : {};
}

function discarding(response: HttpResponse): (error: unknown) => Promise<never> {
  return async (error) => {
    await response.discard();
    throw error;
  };
}

function isSpent({ body }: Call): boolean {
  return body !== undefined && 'isSpent' in body && body.isSpent;
}

/** Beside 401: ECR says 403 when a token has run out, ECR Public 400, with a body for those who did not ask with HEAD. */
async function refuses(response: HttpResponse, header: Secret | undefined): Promise<boolean> {
  if (response.status === 401) return true;
  if (header === undefined || ![400, 403].includes(response.status)) return false;
  return isOfExpiry(await complaintOf(response));
}

/**
 * As long as nobody knows whether a registry wants to be asked with a credential, one request goes ahead
 * and the others wait for its answer, instead of all of them being refused. Reading may be open to all
 * where writing is not.
 */
function firstContact(authorization: Authorization) {
  const admitted = new Set<string>();
  let ahead: Promise<void> | undefined;
  const kindOf = ({ method }: Call) => (method === 'GET' || method === 'HEAD' ? 'read' : 'write');
  const isSettled = (call: Call) => authorization.isKnown || admitted.has(kindOf(call));
  return {
    admit(call: Call): void {
      admitted.add(kindOf(call));
    },
    async enter(call: Call): Promise<() => void> {
      while (!isSettled(call) && ahead !== undefined) await shared(ahead, call.signal);
      if (isSettled(call)) return () => undefined;
      let leave = (): void => undefined;
      const turn = new Promise<void>((resolve) => {
        leave = () => {
          if (ahead === turn) ahead = undefined;
          resolve();
        };
      });
      ahead = turn;
      return leave;
    },
  };
}
