import type { ApiRequest } from '../api-call.js';
import { AwsFault } from '../fault.js';
import type { SignedRequest } from '../sigv4.js';
import type { World } from '../world.js';
import { pathsIn } from './batch.js';
import { createInvalidation, getInvalidation } from './operations.js';

/** Whether a path is one of CloudFront's API. */
export function isCloudFront(path: string): boolean {
  return path.startsWith('/2020-05-31/');
}

/** `POST /2020-05-31/distribution/ID/invalidation`, and `GET` of one of them. */
export function cloudFrontRequest(world: World, request: SignedRequest, path: string): ApiRequest {
  const common = { service: 'cloudfront', protocol: 'rest-xml', tolerance: 5 } as const;
  const [, distribution = '', id] =
    /^\/2020-05-31\/distribution\/([^/]+)\/invalidation(?:\/([^/]+))?$/.exec(path) ?? [];
  const document = Buffer.from(request.body).toString();
  if (distribution !== '' && request.method === 'POST' && id === undefined) {
    return {
      ...{ ...common, action: 'CreateInvalidation' },
      parameters: { distribution, paths: pathsIn(document) },
      perform: (caller) => createInvalidation({ world, ...caller, distribution }, document),
    };
  }
  if (distribution !== '' && request.method === 'GET' && id !== undefined) {
    return {
      ...{ ...common, action: 'GetInvalidation', parameters: { distribution, id } },
      perform: (caller) => getInvalidation({ world, ...caller, distribution }, id),
    };
  }
  return {
    ...{ ...common, action: '', parameters: { method: request.method, path } },
    perform() {
      throw new AwsFault(
        { code: 'InvalidAction' },
        `Could not find an operation for ${request.method} ${path}`,
      );
    },
  };
}
