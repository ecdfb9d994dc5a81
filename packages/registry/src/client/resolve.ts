import { createHash } from 'node:crypto';

import {
  isDigest,
  isManifestType,
  manifestSizeLimit,
  mediaType,
  parseDigest,
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
    (response) => (response.status === 404 ? 'absent' : fromHeaders(response, asked)),
  );
  if (head === 'absent') return undefined;
  if (head !== 'unknown') return head;
  return exchange.call({ ...call, method: 'GET' }, [200, 404], (response, task) =>
    response.status === 404 ? undefined : fromBody(response, asked, task),
  );
}

/** Some do not have HEAD; and an error has a body only when it answers a GET. */
const explainedByGet = [400, 401, 403, 405, 406, 501];

function fromHeaders(response: HttpResponse, asked: string): Descriptor | 'unknown' {
  const type = typeOf(response);
  const digest = response.header('docker-content-digest') ?? '';
  const length = response.header('content-length') ?? '';
  const isTold = response.status === 200 && isDigest(digest) && /^\d{1,9}$/.test(length);
  if (!isTold || !isManifestType(type) || response.header('content-encoding') !== undefined) {
    return 'unknown';
  }
  // Another digest than the one asked for: the bytes will tell.
  if (isDigest(asked) && digest !== asked) return 'unknown';
  return { mediaType: type, digest, size: Number(length) };
}

async function fromBody(response: HttpResponse, asked: string, task: Task): Promise<Descriptor> {
  const bytes = await readBody(task, response, manifestSizeLimit);
  const told = response.header('docker-content-digest') ?? '';
  const expected = isDigest(asked) ? asked : isDigest(told) ? told : undefined;
  const { algorithm } = expected ? splitDigest(expected) : { algorithm: 'sha256' as const };
  const digest: Digest = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
  if (expected !== undefined && digest !== expected) {
    const what = `answered with ${digest} where it should be ${expected}`;
    throw failed('garbage', task, response.url, what, 'nothing of it may be used');
  }
  const type = [typeOf(response), statedType(bytes)].find(isManifestType);
  if (type !== undefined) return { mediaType: type, digest, size: bytes.byteLength };
  throw failed(
    'garbage',
    task,
    response.url,
    'answered with something that is not a manifest of OCI or Docker schema 2',
  );
}

function typeOf(response: HttpResponse): string {
  return (response.header('content-type') ?? '').replace(/\s*;.*$/, '');
}

function statedType(bytes: Uint8Array): string {
  try {
    const document = JSON.parse(Buffer.from(bytes).toString()) as { mediaType?: unknown } | null;
    return String(document?.mediaType);
  } catch {
    return '';
  }
}
