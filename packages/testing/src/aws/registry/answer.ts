import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Recording } from '../calls.js';
import type { Misbehaviour, WrongFault } from '../misbehaviour.js';
import { isOfBlobs, downloadBlob, putBlob } from './blobs.js';
import { nameUnknown, RegistryFault, tokenExpired, tooMany } from './fault.js';
import { forward } from './forward.js';
import type { Front, Visit } from './front.js';
import { listTags, putManifest } from './manifests.js';
import { routeOf } from './routes.js';

/** Answers a request to a registry as ECR does. */
export async function answerRegistry(
  front: Front,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '/' } = request;
  const path = decodeURIComponent(url.split('?')[0] ?? '');
  const action = routeOf(method, path)?.action ?? (path.startsWith('/token') ? 'Token' : 'Ping');
  const recording = front.world.log.record({
    ...{ service: 'registry', action, region: front.region },
    parameters: { registry: front.name, method, path },
  });
  const rule = front.world.misbehaviours.next(request, response, recording);
  if (rule === 'answered') return;
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  try {
    if (rule) throw wrongly(rule, action);
    recording.outcome = String(await answered(front, { request, response, path, recording }));
  } catch (error) {
    if (!(error instanceof RegistryFault)) throw error;
    const { status, code, message, headers } = error;
    recording.outcome = `${status} ${code}`;
    response.writeHead(status, { ...headers, 'content-type': 'application/json; charset=utf-8' });
    response.end(method === 'HEAD' ? '' : JSON.stringify({ errors: [{ code, message }] }));
    // What is left of a body is read away, for the connection to stay usable.
    request.resume();
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly recording: Recording;
}

/** Gives the status of the answer. */
async function answered(
  front: Front,
  { request, response, path, recording }: Exchange,
): Promise<number> {
  const token = front.token?.(request, path);
  if (token !== undefined) return json(response, token);
  const visitor = front.visitor(request);
  recording.by = visitor?.arn ?? 'anonymous';
  if (path === '/v2/' || path === '/v2') return json(response, {});
  const route = routeOf(request.method ?? '', path);
  if (!route) throw new RegistryFault(405, 'UNSUPPORTED', 'The operation is unsupported.');
  const { action, name, reference } = route;
  const place = front.find(name);
  if (!place) throw nameUnknown(name, name.split('/')[0] ?? '');
  const visit: Visit = { visitor, action, place, reference, request, response };
  front.authorize(visit);
  const { registry, repository } = place;
  if (!registry.repositories.has(repository)) throw nameUnknown(repository, registry.account);
  front.rates(action);
  if (action === 'GetDownloadUrlForLayer') return downloadBlob(front, visit);
  if (isOfBlobs(action)) return putBlob(front, visit);
  if (action === 'PutImage') return putManifest(front, visit);
  if (action === 'ListImages') return listTags(front, visit);
  if (action === 'ListReferrers' && !front.referrers) {
    throw new RegistryFault(404, 'UNSUPPORTED', 'The operation is unsupported.');
  }
  return forward(front.upstream, request, response);
}

function json(response: ServerResponse, body: unknown): number {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  return 200;
}

function wrongly(
  { as, retryAfter }: Misbehaviour & { readonly as: WrongFault },
  action: string,
): RegistryFault {
  switch (as) {
    case 'throttled':
      return tooMany(retryAfter);
    case 'expired-token':
      return tokenExpired();
    case 'access-denied':
    case 'clock-skew':
      return new RegistryFault(403, 'DENIED', `User is not authorized to perform: ecr:${action}`);
  }
}
