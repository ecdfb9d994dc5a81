import { buffer } from 'node:stream/consumers';

import { manifestTypes } from '../ecr/upstream.js';
import { RegistryFault } from './fault.js';
import { forward, isThere } from './forward.js';
import type { Front, Visit } from './front.js';

/** One after another in a repository: of two for the same immutable tag only one may find it free. */
export async function putManifest(front: Front, visit: Visit): Promise<number> {
  const { request, response, place } = visit;
  const body = await buffer(request);
  if (body.length > 4 * 1024 * 1024) {
    throw new RegistryFault(413, 'SIZE_INVALID', 'A manifest is at most 4 MiB large');
  }
  front.checkManifest(body);
  return inTurn(place.registry.repositories.get(place.repository) ?? place, async () => {
    await checkTag(front, visit);
    return forward(front.upstream, request, response, {
      body,
      answered({ status, headers: { ...headers } }) {
        delete headers.location;
        return { status, headers };
      },
    });
  });
}

/** A list of all, as ECR has it: at most a thousand at a time. */
export function listTags({ upstream }: Front, { request, response }: Visit): Promise<number> {
  const count = new URL(request.url ?? '/', 'http://localhost').searchParams.get('n');
  if (Number(count ?? 1) > 1000) {
    throw new RegistryFault(
      400,
      'UNSUPPORTED',
      "Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must have value less than or equal to 1000'",
    );
  }
  return forward(upstream, request, response);
}

/** Whatever it is that is put there, also the same again. */
async function checkTag({ upstream }: Front, { place, reference, request }: Visit): Promise<void> {
  const { registry, repository } = place;
  if (!registry.repositories.get(repository)?.immutable || reference.includes(':')) return;
  if (!(await isThere(upstream, request.url ?? '/', manifestTypes))) return;
  throw new RegistryFault(
    400,
    'TAG_INVALID',
    `The image tag '${reference}' already exists in the '${repository}' repository and cannot be overwritten because the tag is immutable.`,
  );
}

const lasts = new WeakMap<object, Promise<unknown>>();

function inTurn<Result>(queue: object, task: () => Promise<Result>): Promise<Result> {
  const next = (lasts.get(queue) ?? Promise.resolve()).then(task, task);
  lasts.set(queue, next);
  return next;
}
