import { createHash } from 'node:crypto';

import {
  isDigest,
  isManifestType,
  manifestSizeLimit,
  manifestTypeOf,
  mediaType,
  OciError,
  parseDigest,
  parseManifest,
  parseTag,
  splitDigest,
  type Descriptor,
  type Digest,
  type OperationOptions,
} from '@teleport-plugins/oci';

import { readBody } from './answer.js';
import type { Place } from './place.js';
import { failed, type Task } from './task.js';
import type { HttpResponse } from './response.js';

/** The types of manifests that are understood: without them, registries convert to older ones. */
export const acceptedManifests = [
  mediaType.ociIndex,
  mediaType.ociManifest,
  mediaType.dockerManifestList,
  mediaType.dockerManifest,
].join(', ');

/**
 * The descriptor of what a tag or digest names. HEAD, and GET where HEAD does not tell.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#checking-if-content-exists-in-the-registry
 */
export async function resolveAt(
  { exchange, path, scopes, urls }: Place,
  reference: string,
  { signal }: OperationOptions,
): Promise<Descriptor | undefined> {
  const asked = reference.includes(':') ? parseDigest(reference) : parseTag(reference);
  const call = {
    act: `resolve ${path}${isDigest(asked) ? '@' : ':'}${asked}`,
    url: urls.manifest(asked),
    scopes: scopes.read,
    headers: { accept: acceptedManifests, 'accept-encoding': 'identity' },
    signal,
  };
  const head = await exchange.call(
    { ...call, method: 'HEAD' },
    [200, 404, ...explainedByGet],
    (response, task) => (response.status === 404 ? 'absent' : fromHeaders(response, asked, task)),
  );
  if (head === 'absent') return undefined;
  if (head !== 'unknown') return head;
  return exchange.call({ ...call, method: 'GET' }, [200, 404], (response, task) =>
    response.status === 404 ? undefined : fromBody(response, asked, task),
  );
}

/** Some do not have HEAD; and an error has a body only when it answers a GET. */
const explainedByGet = [400, 401, 403, 405, 406, 501];

function fromHeaders(response: HttpResponse, asked: string, task: Task): Descriptor | 'unknown' {
  if (response.status !== 200) return 'unknown';
  const type = typeOf(response);
  const digest = digestOf(response, task);
  const length = response.header('content-length') ?? '';
  const isTold = digest !== undefined && /^\d{1,9}$/.test(length);
  if (!isTold || !isManifestType(type) || response.header('content-encoding') !== undefined) {
    return 'unknown';
  }
  // Another digest than the one asked for: the bytes will tell.
  if (isDigest(asked) && digest !== asked) return 'unknown';
  return { mediaType: type, digest, size: Number(length) };
}

async function fromBody(response: HttpResponse, asked: string, task: Task): Promise<Descriptor> {
  const bytes = await readBody(task, response, manifestSizeLimit);
  const told = digestOf(response, task);
  const expected = isDigest(asked) ? asked : told;
  const { algorithm } = expected ? splitDigest(expected) : { algorithm: 'sha256' as const };
  const digest: Digest = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
  if (expected !== undefined && digest !== expected) {
    const what = `answered with ${digest} where it should be ${expected}`;
    throw failed('garbage', task, response.url, what, 'nothing of it may be used');
  }
  const type = [typeOf(response), manifestTypeOf(bytes)].find(
    (each) => each !== undefined && isManifestType(each),
  );
  const manifest = type && { mediaType: type, digest, size: bytes.byteLength };
  if (manifest && isManifest(manifest, bytes)) return manifest;
  throw failed(
    'garbage',
    task,
    response.url,
    'answered with something that is not a manifest of OCI or Docker schema 2',
  );
}

/** The digest that the answer gives; `undefined` when it gives none. Throws `garbage` for another text. */
function digestOf(response: HttpResponse, task: Task): Digest | undefined {
  const text = response.header('docker-content-digest') ?? '';
  if (text === '') return undefined;
  if (isDigest(text)) return text;
  // Not told: it may repeat what was sent.
  const what = 'answered with a Docker-Content-Digest that is no digest';
  throw failed('garbage', task, response.url, what);
}

function isManifest(manifest: Descriptor, bytes: Uint8Array): boolean {
  try {
    parseManifest(manifest, bytes);
    return true;
  } catch (error) {
    if (error instanceof OciError) return false;
    throw error;
  }
}

function typeOf(response: HttpResponse): string {
  return (response.header('content-type') ?? '').replace(/\s*;.*$/, '');
}
