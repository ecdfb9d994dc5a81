import { RegistryFault } from './fault.js';
import { forward, isThere } from './forward.js';
import type { Front, Visit } from './front.js';
import type { RegistryAction } from './routes.js';

/** Redirects to the storage. */
export async function downloadBlob(
  { upstream, storage }: Front,
  { request, response, reference }: Visit,
): Promise<number> {
  const [path = ''] = (request.url ?? '').split('?');
  if (!(await isThere(upstream, path, '*/*'))) {
    throw new RegistryFault(404, 'BLOB_UNKNOWN', `Layer ${reference} does not exist`);
  }
  response.writeHead(307, { location: storage.urlOf(upstream, path) }).end();
  return 307;
}

export function isOfBlobs(action: RegistryAction): boolean {
  return ['InitiateLayerUpload', 'UploadLayerPart', 'CompleteLayerUpload'].includes(action);
}

/** A step of an upload. */
export function putBlob(front: Front, visit: Visit): Promise<number> {
  const { action, reference, request, response } = visit;
  // `docker push` sends the parts so, and nothing else can: that is taken. A whole blob is not.
  const isChunked = request.headers['transfer-encoding'] !== undefined;
  if (isChunked && action !== 'UploadLayerPart') {
    throw new RegistryFault(411, 'SIZE_INVALID', 'A Content-Length is required');
  }
  return forward(front.upstream, request, response, {
    target: targetOf(front, request.url ?? '/'),
    answered({ status, headers }) {
      if (action !== 'UploadLayerPart' || headers.range === undefined) return { status, headers };
      // `docker push` compares the range with the one part that it sends; of more parts it tells nothing.
      const range = front.ranges.get(reference) ?? headers.range;
      front.ranges.set(reference, range);
      return { status: status === 202 ? 201 : status, headers: { ...headers, range } };
    },
  });
}

function targetOf({ mounting }: Front, target: string): string {
  if (mounting) return target;
  const url = new URL(target, 'http://localhost');
  url.searchParams.delete('mount');
  url.searchParams.delete('from');
  return url.pathname + url.search;
}
