import { parseRepositoryName } from '@teleport-plugins/oci';

import { json } from './answer.js';
import { deleteBlob, getBlob } from './blob-requests.js';
import { listReferrers, listRepositories, listTags } from './listing-requests.js';
import { deleteManifest, getManifest, putManifest } from './manifest-requests.js';
import { parsed, Refusal } from './refusal.js';
import type { Handler } from './request.js';
import {
  beginUpload,
  cancelUpload,
  continueUpload,
  finishUpload,
  getUpload,
} from './upload-requests.js';

/** What a request's method and address ask for. */
export interface Route {
  readonly handler: Handler;
  readonly repository: string;
  readonly reference: string;
  readonly query: URLSearchParams;
}

/**
 * Finds who serves a request. Throws a refusal for an address that is none of the registry's, for a
 * method that it does not have, and for one that writes where nothing may.
 */
export function routeOf(
  method: string,
  target: string,
  options: { readonly readOnly: boolean },
): Route {
  const mark = target.indexOf('?');
  const path = decoded(mark < 0 ? target : target.slice(0, mark));
  for (const { pattern, methods } of routes) {
    const match = pattern.exec(path);
    if (!match) continue;
    const allowed = Object.keys(methods).filter((each) => !options.readOnly || each === 'GET');
    const served = method === 'HEAD' ? 'GET' : method;
    const handler = methods[served];
    if (!handler || !allowed.includes(served)) throw notAllowed(method, allowed);
    const [, name, reference = ''] = match;
    return {
      handler,
      repository:
        name === undefined ? '' : parsed(() => parseRepositoryName(name), 400, 'NAME_INVALID'),
      reference,
      query: new URLSearchParams(mark < 0 ? '' : target.slice(mark)),
    };
  }
  throw new Refusal(404, 'UNSUPPORTED', 'a registry has no such address; its own begin with /v2/');
}

/** The API exists: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#determining-support */
const confirm: Handler = () => Promise.resolve(json({}));

/**
 * The first that fits counts. A name may itself have parts such as `blobs`, so it takes all it can.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints
 */
const routes: readonly {
  readonly pattern: RegExp;
  readonly methods: Readonly<Partial<Record<string, Handler>>>;
}[] = [
  { pattern: /^\/v2\/?$/, methods: { GET: confirm } },
  { pattern: /^\/v2\/_catalog$/, methods: { GET: listRepositories } },
  { pattern: /^\/v2\/(.+)\/tags\/list$/, methods: { GET: listTags } },
  { pattern: /^\/v2\/(.+)\/blobs\/uploads\/?$/, methods: { POST: beginUpload } },
  {
    pattern: /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/,
    methods: { GET: getUpload, PATCH: continueUpload, PUT: finishUpload, DELETE: cancelUpload },
  },
  { pattern: /^\/v2\/(.+)\/blobs\/([^/]+)$/, methods: { GET: getBlob, DELETE: deleteBlob } },
  {
    pattern: /^\/v2\/(.+)\/manifests\/([^/]+)$/,
    methods: { GET: getManifest, PUT: putManifest, DELETE: deleteManifest },
  },
  { pattern: /^\/v2\/(.+)\/referrers\/([^/]+)$/, methods: { GET: listReferrers } },
];

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new Refusal(400, 'UNSUPPORTED', 'the address is not a valid URL', { cause });
  }
}

function notAllowed(method: string, allowed: readonly string[]): Refusal {
  const methods = allowed.includes('GET') ? ['HEAD', ...allowed] : allowed;
  return new Refusal(405, 'UNSUPPORTED', `${method} is not possible here`, {
    headers: { allow: methods.join(', ') },
  });
}
