import {
  children,
  manifestSizeLimit,
  manifestTypeOf,
  OciError,
  parseDigest,
  parseTag,
  readAll,
  type Descriptor,
  type Digest,
  type ImageIndex,
  type ImageManifest,
} from '@teleport-plugins/oci';

import { checkManifest } from './manifest-document.js';
import { parsed, Refusal, type RefusalCode } from './refusal.js';
import { contentHeaders, matches, type Handler, type RegistryRequest } from './request.js';
import type { Store } from './store.js';

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
export const getManifest: Handler = async (store, request) => {
  const { repository, reference, headers } = request;
  const target = targetOf(reference, 404, 'MANIFEST_UNKNOWN');
  const digest = target.digest ?? (await store.tags.resolve(repository, target.tag));
  const bytes = digest && (await store.manifests.read(repository, digest));
  const type = bytes && manifestTypeOf(bytes);
  if (!type) throw manifestUnknown(request);
  const answerHeaders = contentHeaders(digest, type);
  if (matches(headers['if-none-match'] ?? '', digest)) {
    return { status: 304, headers: answerHeaders };
  }
  return { status: 200, headers: answerHeaders, body: bytes };
};

/**
 * Stores a manifest whose children are all there, under its digest and maybe a tag. With the header
 * `If-None-Match: *` a tag is made, never moved.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
 */
export const putManifest: Handler = async (store, request) => {
  const { repository, reference, headers } = request;
  const { tag, digest: stated } = targetOf(reference, 400, 'MANIFEST_INVALID');
  const exclusive = isExclusive(request);
  const bytes = await readManifest(request);
  const { descriptor, content } = checkManifest(bytes, {
    contentType: headers['content-type'],
    digest: stated,
  });
  const { digest } = descriptor;
  await checkChildren(store, repository, content);
  if (tag !== undefined && exclusive) {
    refuseOther(request, digest, await store.tags.resolve(repository, tag));
  }
  const { subject } = content;
  if (subject) await store.manifests.addReferrer(repository, subject.digest, digest);
  await store.manifests.write(repository, digest, bytes);
  if (tag !== undefined) {
    if (exclusive) refuseOther(request, digest, await store.tags.create(repository, tag, digest));
    else await store.tags.set(repository, tag, digest);
    // A deletion that began before the tag was there may have taken the manifest, but not the tag.
    await store.manifests.write(repository, digest, bytes);
  }
  return {
    status: 201,
    headers: {
      location: `/v2/${repository}/manifests/${digest}`,
      'docker-content-digest': digest,
      ...(subject && { 'oci-subject': subject.digest }),
    },
  };
};

/**
 * Deletes a tag, or a manifest with the tags that name it. They go first, and once more at the end for
 * those that came meanwhile, so that no tag is left without its manifest.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#content-management
 */
export const deleteManifest: Handler = async (store, request) => {
  const { repository, reference } = request;
  const { tag, digest } = targetOf(reference, 400, 'MANIFEST_INVALID');
  const deleted =
    digest === undefined
      ? await store.tags.delete(repository, tag)
      : [
          await deleteTagsOf(store, repository, digest),
          await store.manifests.delete(repository, digest),
          await deleteTagsOf(store, repository, digest),
        ].includes(true);
  if (!deleted) throw manifestUnknown(request);
  return { status: 202 };
};

type Target =
  | { readonly tag: string; readonly digest?: undefined }
  | { readonly tag?: undefined; readonly digest: Digest };

function targetOf(reference: string, status: number, code: RefusalCode): Target {
  return parsed(
    () =>
      reference.includes(':') ? { digest: parseDigest(reference) } : { tag: parseTag(reference) },
    status,
    code,
  );
}

/** Conditions that cannot be kept are refused: a client that sets one relies on it. */
function isExclusive({ headers }: RegistryRequest): boolean {
  const condition = headers['if-none-match']?.trim();
  if (headers['if-match'] === undefined && [undefined, '*'].includes(condition)) {
    return condition === '*';
  }
  throw new Refusal(400, 'UNSUPPORTED', 'the only condition on a manifest is If-None-Match: *');
}

async function readManifest({ body }: RegistryRequest): Promise<Uint8Array> {
  try {
    return await readAll(body, { limit: manifestSizeLimit });
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    const message = `a manifest has at most ${manifestSizeLimit} bytes`;
    throw new Refusal(413, 'SIZE_INVALID', message, { cause: error });
  }
}

/** All of an index must be there, as all of an image: no sparse indexes. */
async function checkChildren(
  { blobs, manifests }: Store,
  repository: string,
  content: ImageManifest | ImageIndex,
): Promise<void> {
  const { manifests: listed, blobs: referred } = children(content);
  const missing = (child: Descriptor, found: number | undefined) => {
    if (found === child.size) return;
    const what = found === undefined ? 'is not there' : `has ${found} bytes`;
    throw new Refusal(
      400,
      found === undefined ? 'MANIFEST_BLOB_UNKNOWN' : 'MANIFEST_INVALID',
      `${repository}: ${child.digest} (${child.mediaType}, ${child.size} bytes), which the manifest refers to, ${what}; push it first`,
    );
  };
  for (const child of listed) {
    missing(child, (await manifests.read(repository, child.digest))?.length);
  }
  for (const child of referred) missing(child, await blobs.size(repository, child.digest));
}

function refuseOther({ repository, reference }: RegistryRequest, wanted: Digest, found?: Digest) {
  if (found === undefined || found === wanted) return;
  throw new Refusal(
    412,
    'DENIED',
    `${repository}:${reference} is ${found}; it is not moved to ${wanted}`,
  );
}

async function deleteTagsOf(store: Store, repository: string, digest: Digest): Promise<boolean> {
  let deleted = false;
  for (const tag of await store.tags.list(repository)) {
    if ((await store.tags.resolve(repository, tag)) !== digest) continue;
    deleted = (await store.tags.delete(repository, tag)) || deleted;
  }
  return deleted;
}

function manifestUnknown({ repository, reference }: RegistryRequest): Refusal {
  return new Refusal(404, 'MANIFEST_UNKNOWN', `${repository} has no manifest ${reference}`);
}
