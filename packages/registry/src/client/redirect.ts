import { pointedTo } from './address.js';
import { failed } from './task.js';
import type { HttpResponse } from './response.js';
import type { HttpRequest, Transport } from './transport.js';

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** More than any registry needs. */
const mostRedirects = 5;

/**
 * Sends a GET or HEAD to where it ends up. Another origin is not sent the Authorization, nor is the first
 * one when the way leads back to it: by then it is somebody else who asks. Writes are never redirected:
 * the answer is returned as it is.
 */
export async function followed(transport: Transport, request: HttpRequest): Promise<HttpResponse> {
  for (let hops = 0; ; hops++) {
    const response = await transport.send(request);
    const location = response.header('location');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || !redirects.has(response.status) || location === undefined) return response;
    await response.discard();
    const { task, url } = request;
    if (hops === mostRedirects) {
      throw failed('garbage', task, url, `redirected more than ${mostRedirects} times`);
    }
    const target = pointedTo(location, url, task);
    request = {
      ...request,
      url: target,
      headers: target.origin === url.origin ? request.headers : withoutAuthorization(request),
    };
  }
}

function withoutAuthorization({ headers }: HttpRequest): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
}
