import { readAll, verified, type Content, type Descriptor } from '@teleport-plugins/oci';

import type { CallBody } from './exchange.js';

/** The content of a blob on its way into requests; it cannot end unless it is the blob's. */
export interface BlobSource extends CallBody {
  /** The first piece is there. Rejects with what reading it failed with. */
  readonly ready: Promise<unknown>;
  /** Whether a request has begun to send it. */
  readonly isBegun: boolean;
  /** What reading it failed with: no failure of the registry. */
  readonly failure: { readonly error: unknown } | undefined;
  /** Lets go of what has not been read. */
  release(): void;
}

/** Blobs up to here (configs, mostly) are read before they are sent, and so can be sent again. */
const heldInMemory = 1024 * 1024;

/**
 * Reading begins at once: the first piece arrives while the upload is being opened. And nothing is sent
 * before it is there: what is downloaded to be uploaded has its connection by then (see the transport's
 * pools).
 */
export function blobSource(
  blob: Descriptor,
  content: Content,
  reopen: (() => Content) | undefined,
): BlobSource {
  return blob.size <= heldInMemory
    ? heldSource(blob, content)
    : streamedSource(blob, content, reopen);
}

function heldSource(blob: Descriptor, content: Content): BlobSource {
  let bytes = new Uint8Array();
  let isBegun = false;
  let failure: BlobSource['failure'];
  const ready = readAll(verified(content, blob), { limit: blob.size }).then(
    (all) => {
      bytes = all as Uint8Array<ArrayBuffer>;
    },
    (error: unknown) => {
      failure = { error };
      throw error;
    },
  );
  ready.catch(() => undefined);
  return {
    ready,
    get isBegun() {
      return isBegun;
    },
    get failure() {
      return failure;
    },
    isSpent: false,
    open() {
      isBegun = true;
      return bytes;
    },
    release: () => undefined,
  };
}

function streamedSource(
  blob: Descriptor,
  content: Content,
  reopen: (() => Content) | undefined,
): BlobSource {
  let isBegun = false;
  let failure: BlobSource['failure'];
  const begin = (from: Content) => {
    const rest = verified(from, blob)[Symbol.asyncIterator]();
    const first = rest.next().catch((error: unknown) => {
      failure = { error };
      throw error;
    });
    first.catch(() => undefined);
    return { first, rest };
  };
  const opening = begin(content);
  let unread: typeof opening | undefined = opening;

  async function* pieces({ first, rest }: typeof opening): Content {
    try {
      for (let next = await first; next.done !== true; next = await rest.next()) yield next.value;
    } catch (error) {
      failure = { error };
      throw error;
    } finally {
      await rest.return?.();
    }
  }

  return {
    ready: opening.first,
    get isBegun() {
      return isBegun;
    },
    get failure() {
      return failure;
    },
    get isSpent() {
      return unread === undefined && reopen === undefined;
    },
    open() {
      const reading = unread ?? begin((reopen ?? (() => content))());
      unread = undefined;
      isBegun = true;
      return pieces(reading);
    },
    release() {
      unread?.rest.return?.().catch(() => undefined);
    },
  };
}
