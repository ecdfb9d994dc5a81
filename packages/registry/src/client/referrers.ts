import {
  descriptorOf,
  manifestSizeLimit,
  mediaType,
  parseDescriptor,
  parseManifest,
  splitDigest,
  type Descriptor,
  type OperationOptions,
} from '@teleport-plugins/oci';

import { RegistryError } from '../error.js';
import { complaintOf, readJson } from './answer.js';
import { nextPage, type PagePosition } from './link.js';
import { getManifest, putManifest } from './manifest-requests.js';
import type { Place } from './place.js';
import { resolveAt } from './resolve.js';
import { failed } from './task.js';

/** What refers to a manifest: signatures, SBOMs, attestations. */
export interface Referrers {
  of(subject: Descriptor, options: OperationOptions): AsyncGenerator<Descriptor>;
  /** Lists a pushed manifest where the registry does not do that itself. */
  add(subject: Descriptor, referrer: Descriptor, options: OperationOptions): Promise<void>;
}

/**
 * Through the referrers API, and without it through the tag that stands in for it.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-referrers
 *
 * Registries cannot write a tag only if nobody else has: what is written under the tag is read again, and
 * written again beside what others wrote. An entry is lost all the same when another process had read the
 * index before it was there, and writes after it was read again; pushing the referrer again lists it.
 */
export function referrersAt(place: Place): Referrers {
  const api = referrersApi(place);
  let lastAdded: Promise<unknown> = Promise.resolve();

  const addTagged = async (
    subject: Descriptor,
    referrer: Descriptor,
    options: OperationOptions,
  ): Promise<void> => {
    if ((await api.page(subject, firstPage, options)) !== undefined) return;
    for (let writes = 0; ; writes++) {
      const tagged = await readTagged(place, subject, options);
      if (tagged.manifests.some(({ digest }) => digest === referrer.digest)) return;
      if (writes === mostWrites) throw overwritten(place, subject, referrer);
      await writeTagged(place, subject, [tagged, referrer], options);
    }
  };

  return {
    async *of(subject, options) {
      let position: PagePosition | undefined = firstPage;
      while (position !== undefined) {
        const page = await api.page(subject, position, options);
        if (page === undefined) {
          yield* (await readTagged(place, subject, options)).manifests;
          return;
        }
        yield* page.referrers;
        position = page.next;
      }
    },
    async add(subject, referrer, options) {
      // One after the other: each reads the index that the one before wrote.
      const added = lastAdded.then(() => addTagged(subject, referrer, options));
      lastAdded = added.catch(() => undefined);
      await added;
    },
  };
}

/** Each is lost only to another process that writes at the same time. */
const mostWrites = 5;

const firstPage: PagePosition = { query: '', before: 0 };

interface Page {
  readonly referrers: readonly Descriptor[];
  readonly next: PagePosition | undefined;
}

/** How registries without this API answer; docker-registry 2.8: 404. */
const unsupported = [400, 404, 405, 501];

function referrersApi({ exchange, name, path, scopes, urls }: Place) {
  let isMissing = false;
  return {
    /** `undefined` without the API. */
    async page(
      subject: Descriptor,
      position: PagePosition,
      { signal }: OperationOptions,
    ): Promise<Page | undefined> {
      if (isMissing) return undefined;
      const call = {
        act: `list the referrers of ${path}@${subject.digest}`,
        method: 'GET',
        url: urls.referrers(subject.digest, position.query),
        scopes: scopes.read,
        headers: { accept: mediaType.ociIndex },
        signal,
      } as const;
      return exchange.call(call, [200, ...unsupported], async (response, task) => {
        if (response.status !== 200) {
          // An unknown repository says nothing about the registry.
          isMissing = !(await complaintOf(response)).codes.includes('NAME_UNKNOWN');
          return undefined;
        }
        const { manifests } = await readJson(task, response, manifestSizeLimit);
        if (!Array.isArray(manifests)) {
          throw failed('garbage', task, response.url, 'answered with something else than an index');
        }
        const where = `the referrers of ${name}@${subject.digest}`;
        return {
          referrers: manifests.map((each, at) => parseDescriptor(each, `${where}, entry ${at}`)),
          next: nextPage(task, response, position),
        };
      });
    },
  };
}

/** The index under the tag that stands in for the API. */
interface Tagged {
  readonly manifests: readonly Descriptor[];
  /** The index as it was written. */
  readonly document: Readonly<Record<string, unknown>>;
}

async function readTagged(
  place: Place,
  subject: Descriptor,
  options: OperationOptions,
): Promise<Tagged> {
  const found = await resolveAt(place, standInTag(subject), options);
  if (found === undefined) return { manifests: [], document: {} };
  const bytes = await getManifest(place, found, options);
  const index = parseManifest(found, bytes);
  if (index.kind !== 'index') return { manifests: [], document: {} };
  const document = JSON.parse(Buffer.from(bytes).toString()) as Readonly<Record<string, unknown>>;
  return { manifests: index.manifests, document };
}

/** Writes the index that was read with one referrer more. What others wrote into it stays in it. */
async function writeTagged(
  place: Place,
  subject: Descriptor,
  [{ document }, referrer]: readonly [Tagged, Descriptor],
  options: OperationOptions,
): Promise<void> {
  const listed = (document.manifests ?? []) as readonly unknown[];
  const type = mediaType.ociIndex;
  const index = {
    schemaVersion: 2,
    mediaType: type,
    ...document,
    manifests: [...listed, referrer],
  };
  const bytes = Buffer.from(JSON.stringify(index));
  const tagged = { ...options, tag: standInTag(subject) };
  const written = await putManifest(place, descriptorOf(type, bytes), bytes, tagged);
  if (written.outcome === 'tag-exists') throw written.error;
}

function overwritten({ name }: Place, subject: Descriptor, { digest }: Descriptor): RegistryError {
  const tag = `${name}:${standInTag(subject)}`;
  const message = `${tag}: ${digest} was not kept in this index of referrers, written ${mostWrites} times and overwritten by others; try again`;
  return new RegistryError('tag-changed', message, { transient: true });
}

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#referrers-tag-schema */
function standInTag({ digest }: Descriptor): string {
  const { algorithm, hex } = splitDigest(digest);
  return `${algorithm}-${hex.slice(0, 64)}`;
}
