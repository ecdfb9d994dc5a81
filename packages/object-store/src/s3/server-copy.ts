import { createHash } from 'node:crypto';

import { labelsOfCopy, type Source } from '../copy.js';
import { failedWith, ObjectStoreError } from '../error.js';
import type { Location } from '../location.js';
import { hasChanged, sourceMissing } from '../refusal.js';
import type { CopyOptions, ObjectInfo, PutOptions, Version } from '../store.js';
import type { Calls } from './calls.js';
import { headIfAllowed } from './head.js';
import { labelParameters } from './labels.js';
import { inWindow } from './parts.js';
import { target, versionOf, writing, type Place } from './place.js';
import { answeredWith } from './sdk-error.js';
import { uploadParts } from './upload.js';

/**
 * Copies inside the server, exactly the version that the source has now; `undefined`, with nothing written, when
 * the server does not do so: the writer may not read the source, or it knows no such request.
 *
 * Not all servers hold CopyObject to a condition on its target. Where there is one, the copy is an upload
 * of one part, or more, that the server fills itself: then the condition is that of completing an upload,
 * which is as good as that of a put.
 */
export async function copyInServer(
  calls: Calls,
  source: Source & { readonly location: Location },
  place: Place,
  options: CopyOptions,
): Promise<Version | undefined> {
  const reading = options.signal && { signal: options.signal };
  const from = whereOf(source);
  const info = await source.store.head(source.key, reading);
  if (info === undefined) throw sourceMissing(from);
  // An empty part is not one everywhere; that little is copied through this process.
  if (info.size === 0) return undefined;
  if (options.sha256 !== undefined) await prove(source, info, options.sha256, options);

  const { mode, signal } = options;
  const putting = { mode, ...labelsOfCopy(info, options), ...(signal && { signal }) };
  const CopySource = encodeURIComponent(
    `${source.location.bucket}/${source.location.key}`,
  ).replaceAll('%2F', '/');
  const copy = { from, info, parameters: { CopySource, CopySourceIfMatch: info.version } };
  try {
    const version =
      mode === 'overwrite' && info.size <= calls.tuning.copyLimit
        ? await copyObject(calls, place, putting, copy)
        : await copyParts(calls, place, putting, copy);
    await verify(calls, place, version, info.size, options);
    return version;
  } catch (error) {
    if (isUnwilling(error)) return undefined;
    throw error;
  }
}

/** Some servers answer 500 to what they do not know. */
function isUnwilling(error: unknown): boolean {
  return failedWith(error, 'denied', 'store-missing', 'rejected', 'unavailable');
}

interface Copied {
  /** The source, for messages. */
  readonly from: string;
  readonly info: ObjectInfo;
  readonly parameters: { readonly CopySource: string; readonly CopySourceIfMatch: string };
}

async function copyObject(
  calls: Calls,
  place: Place,
  options: PutOptions,
  { from, info, parameters }: Copied,
): Promise<Version> {
  const output = await ofSource(
    from,
    info,
    calls.call(writing(place, options), (s3, o) =>
      s3.copyObject(
        {
          ...target(place),
          ...parameters,
          ...labelParameters(options),
          MetadataDirective: 'REPLACE',
        },
        o,
      ),
    ),
  );
  return versionOf(place, output.CopyObjectResult?.ETag);
}

async function copyParts(
  calls: Calls,
  place: Place,
  options: PutOptions,
  { from, info, parameters }: Copied,
): Promise<Version> {
  const { copyLimit, concurrency } = calls.tuning;
  return uploadParts(calls, place, options, (UploadId, signal) =>
    inWindow(rangesOf(info.size, copyLimit), { concurrency, signal }, async (range, at, stop) => {
      const part = { UploadId, PartNumber: at + 1, CopySourceRange: range };
      const request = { ...target(place), ...parameters, ...part };
      const task = writing(place, { signal: stop });
      const output = await ofSource(
        from,
        info,
        calls.call(task, (s3, o) => s3.uploadPartCopy(request, o)),
      );
      return { PartNumber: at + 1, ETag: output.CopyPartResult?.ETag };
    }),
  );
}

/** Of an object that fits into one part there is no range to be given. */
function rangesOf(size: number, limit: number): readonly (string | undefined)[] {
  if (size <= limit) return [undefined];
  const count = Math.ceil(size / limit);
  return Array.from({ length: count }, (_, at) => {
    return `bytes=${at * limit}-${Math.min((at + 1) * limit, size) - 1}`;
  });
}

/** A request whose condition is on the source. */
async function ofSource<T>(from: string, info: ObjectInfo, request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    if (!answeredWith(error, 'PreconditionFailed', 'NoSuchKey')) throw error;
    throw hasChanged(from, info.version, undefined, { cause: error });
  }
}

async function prove(
  source: Source,
  info: ObjectInfo,
  sha256: string,
  { signal }: CopyOptions,
): Promise<void> {
  const where = whereOf(source);
  const object = await source.store.get(source.key, signal && { signal });
  if (object?.version !== info.version) throw hasChanged(where, info.version, object?.version);
  const hash = createHash('sha256');
  for await (const piece of object.content(signal && { signal })) hash.update(piece);
  const found = hash.digest('hex');
  if (found === sha256) return;
  throw new ObjectStoreError(
    'content-mismatch',
    `${where}: the content to be copied has the sha256 ${found}, not ${sha256}; nothing was stored`,
  );
}

/** Looks at what was stored, unless somebody else has replaced it since. */
async function verify(
  calls: Calls,
  place: Place,
  version: Version,
  size: number,
  options: CopyOptions,
): Promise<void> {
  const found = await headIfAllowed(calls, place, options);
  if (found?.info.version !== version || found.info.size === size) return;
  throw new ObjectStoreError(
    'content-mismatch',
    `${place.where}: the server's copy has ${found.info.size} bytes, its source ${size}; delete it and run this again`,
  );
}

function whereOf({ store, key }: Source): string {
  return `${store.name}/${key}`;
}
