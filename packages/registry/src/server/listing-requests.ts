import {
  manifestSizeLimit,
  manifestTypeOf,
  mediaType,
  parseManifest,
  referrerOf,
  type Descriptor,
  type Digest,
} from '@teleport-plugins/oci';

import { json, type Answer } from './answer.js';
import { Refusal } from './refusal.js';
import { digestIn, type Handler, type RegistryRequest } from './request.js';
import type { Store } from './store.js';

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags */
export const listTags: Handler = async (store, { repository, query }) => {
  if (!(await store.manifests.has(repository))) {
    throw new Refusal(404, 'NAME_UNKNOWN', `there is no repository ${repository}`);
  }
  const tags = await store.tags.list(repository);
  return page(`/v2/${repository}/tags/list`, query, tags, (some) => ({
    name: repository,
    tags: some,
  }));
};

/** All repositories; an endpoint of Docker's registry, which the specification does not have. */
export const listRepositories: Handler = async (store, { query }) =>
  page('/v2/_catalog', query, await store.repositories(), (repositories) => ({ repositories }));

/**
 * Also for a manifest, or a repository, that is not there: a 404 would say that there is no such
 * endpoint. https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export const listReferrers: Handler = async (store, request) => {
  const { repository, reference, query } = request;
  const subject = digestIn(reference);
  const type = query.get('artifactType');
  const last = query.get('last') ?? '';
  const found: Descriptor[] = [];
  let size = 0;
  for (const digest of await store.manifests.referrers(repository, subject)) {
    if (digest <= last) continue;
    const referrer = await describeReferrer(store, repository, digest);
    if (!referrer || (type !== null && referrer.artifactType !== type)) continue;
    size += Buffer.byteLength(JSON.stringify(referrer));
    if (size > referrersSizeLimit && found.length > 0) return referrersAnswer(request, found, true);
    found.push(referrer);
  }
  return referrersAnswer(request, found, false);
};

/** What a page holds before the next begins: it is an index, and those have a limit of their own. */
const referrersSizeLimit = manifestSizeLimit / 2;

function referrersAnswer(
  { repository, reference, query }: RegistryRequest,
  manifests: readonly Descriptor[],
  more: boolean,
): Answer {
  const type = query.get('artifactType');
  const next = new URLSearchParams({
    ...(type !== null && { artifactType: type }),
    last: manifests.at(-1)?.digest ?? '',
  });
  return json(
    { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests },
    {
      'content-type': mediaType.ociIndex,
      ...(type !== null && { 'oci-filters-applied': 'artifactType' }),
      ...(more && { link: linkTo(`/v2/${repository}/referrers/${reference}`, next) }),
    },
  );
}

/** `undefined` for one that was deleted. */
async function describeReferrer(
  store: Store,
  repository: string,
  digest: Digest,
): Promise<Descriptor | undefined> {
  const bytes = await store.manifests.read(repository, digest);
  const type = bytes && manifestTypeOf(bytes);
  if (!type) return undefined;
  const descriptor = { mediaType: type, digest, size: bytes.length };
  return referrerOf(descriptor, parseManifest(descriptor, bytes));
}

/** Those after `last`, at most `n`, with a link to the next page when there is one. */
function page(
  path: string,
  query: URLSearchParams,
  all: readonly string[],
  body: (some: readonly string[]) => unknown,
): Answer {
  const limit = query.get('n') ?? String(all.length);
  if (!/^[0-9]+$/.test(limit)) {
    throw new Refusal(400, 'UNSUPPORTED', 'n is the number of entries to list, 0 or more');
  }
  const last = query.get('last') ?? '';
  const rest = all.filter((each) => each > last);
  const some = rest.slice(0, Number(limit));
  const next = new URLSearchParams({ n: limit, last: some.at(-1) ?? '' });
  const more = some.length > 0 && some.length < rest.length;
  return json(body(some), more ? { link: linkTo(path, next) } : {});
}

function linkTo(path: string, query: URLSearchParams): string {
  return `<${path}?${query.toString()}>; rel="next"`;
}
