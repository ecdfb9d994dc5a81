import {
  isDigest,
  manifestSizeLimit,
  OciError,
  readAll,
  verified,
  type Descriptor,
  type OperationOptions,
  type TagOptions,
} from '@teleport-plugins/oci';

import type { RegistryError } from '../error.js';
import { complaintOf, refusal } from './answer.js';
import type { Place } from './place.js';
import { acceptedManifests } from './resolve.js';
import { failed } from './task.js';
import type { HttpResponse } from './response.js';

/** The exact bytes of a manifest, verified. */
export async function getManifest(
  { exchange, name, path, scopes, urls }: Place,
  manifest: Descriptor,
  { signal }: OperationOptions,
): Promise<Uint8Array> {
  if (manifest.size > manifestSizeLimit) {
    throw new OciError(
      'manifest-too-large',
      `${name}@${manifest.digest} is ${manifest.size} bytes long; manifests are at most ${manifestSizeLimit}`,
    );
  }
  const call = {
    act: `read manifest ${manifest.digest} of ${path}`,
    method: 'GET',
    url: urls.manifest(manifest.digest),
    scopes: scopes.read,
    headers: {
      accept: `${manifest.mediaType}, ${acceptedManifests}`,
      'accept-encoding': 'identity',
    },
    signal,
  } as const;
  return exchange.call(call, [200, 404], async (response, task) => {
    if (response.status === 404) throw await refusal(task, response, { code: 'not-found' });
    return readAll(verified(response.body, manifest, { from: name }), { limit: manifest.size });
  });
}

/** What came of writing a manifest. */
export type Written =
  | {
      readonly outcome: 'written';
      /** The registry lists it as a referrer. */ readonly isReferrer: boolean;
    }
  /** The tag exists and may not move, for the registry or because the write was exclusive. */
  | { readonly outcome: 'tag-exists'; readonly error: RegistryError };

/**
 * Writes a manifest under its digest or a tag. A registry on a plain file system may read what another push
 * of the same manifest is just writing, and call the digest wrong: the bytes are sent again then, twice at
 * most. They are the digest's, or nobody would be sending them.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-manifests
 */
export async function putManifest(
  place: Place,
  manifest: Descriptor,
  bytes: Uint8Array,
  options: PutOptions,
): Promise<Written> {
  for (let left = 2; left > 0; left -= 1) {
    const written = await put(place, manifest, bytes, { ...options, again: true });
    if (written !== 'again') return written;
  }
  return (await put(place, manifest, bytes, { ...options, again: false })) as Written;
}

type PutOptions = TagOptions & { readonly tag?: string };

/** `again`: whether to say so, instead of throwing, when the registry calls the digest wrong. */
async function put(
  { exchange, path, scopes, urls }: Place,
  manifest: Descriptor,
  bytes: Uint8Array,
  { tag, exclusive = false, signal, again }: PutOptions & { readonly again: boolean },
): Promise<Written | 'again'> {
  const condition: Record<string, string> = exclusive ? { 'if-none-match': '*' } : {};
  const call = {
    act: `push manifest ${manifest.digest} to ${path}${tag === undefined ? '' : `:${tag}`}`,
    method: 'PUT',
    url: urls.manifest(tag ?? manifest.digest),
    scopes: scopes.write,
    headers: { 'content-type': manifest.mediaType, ...condition },
    body: bytes,
    signal,
  } as const;
  return exchange.call(call, [200, 201, 202, ...conflicts], async (response, task) => {
    if (response.status >= 400) {
      if (again && (await complaintOf(response)).codes.includes('DIGEST_INVALID')) return 'again';
      const error = await refusal(task, response, { next: await onForm(response) });
      if (tag !== undefined && (await isTagRefusal(response))) {
        return { outcome: 'tag-exists', error };
      }
      throw error;
    }
    const stored = response.header('docker-content-digest');
    if (
      stored?.startsWith('sha256:') &&
      manifest.digest.startsWith('sha256:') &&
      stored !== manifest.digest
    ) {
      throw failed(
        'garbage',
        task,
        response.url,
        `stored it as ${isDigest(stored) ? stored : 'something else'}`,
      );
    }
    return { outcome: 'written', isReferrer: response.header('oci-subject') !== undefined };
  });
}

const conflicts = [400, 403, 405, 409, 412];

/** What to do where ECR Public takes a manifest for broken because of what it does not know in it. */
async function onForm(response: HttpResponse): Promise<string | undefined> {
  const { text } = await complaintOf(response);
  if (response.status !== 405 || !/\bJSON syntax\b/i.test(text)) return undefined;
  return 'it is stricter than the specification: leave out of the manifest what it may not know';
}

/** 412 answers a condition; registries with immutable tags say so in their own words (ECR: 400 TAG_INVALID). */
async function isTagRefusal(response: HttpResponse): Promise<boolean> {
  if (response.status === 412) return true;
  const { text } = await complaintOf(response);
  return /immutab|cannot be overwritten|tag\b.*\balready exists/i.test(text);
}
