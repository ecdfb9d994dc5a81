import type { Descriptor, Repository } from '@teleport-plugins/oci';
import type { CopyEvent } from '@teleport-plugins/registry';

import type { Host } from '../host.js';
import { bytes } from './amounts.js';

/** In milliseconds: often enough for an eye, too seldom to cost anything. */
const interval = 100;

/**
 * Shows how far a copy is: on a terminal in one line that changes, elsewhere in a line for each blob
 * that has been copied.
 */
export function copyProgress(host: Host): (event: CopyEvent) => void {
  const wanted = new Map<string, number>();
  const under = new Map<string, number>();
  let [doneCount, doneBytes, shownAt] = [0, 0, 0];

  return (event) => {
    const { digest, size } = event.descriptor;
    switch (event.kind) {
      case 'found':
        if (event.action !== 'skip') wanted.set(digest, size);
        break;
      case 'copying':
        under.set(digest, event.bytes);
        showStatus();
        break;
      case 'skipped':
        wanted.delete(digest);
        break;
      case 'copied':
      case 'mounted':
        under.delete(digest);
        doneCount += 1;
        doneBytes += size;
        if (host.showStatus === undefined) {
          host.print(`  ${event.kind} ${digest} ${bytes(size)} (${doneCount} of ${wanted.size})`);
        }
        break;
    }
  };

  function showStatus(): void {
    const now = host.now().getTime();
    if (now - shownAt < interval) return;
    shownAt = now;
    const sum = (amounts: Iterable<number>) =>
      [...amounts].reduce((total, each) => total + each, 0);
    const so = bytes(doneBytes + sum(under.values()));
    host.showStatus?.(
      `  copying ${doneCount + 1} of ${wanted.size}, ${so} of ${bytes(sum(wanted.values()))}`,
    );
  }
}

/**
 * A repository whose blobs are told of as they are read, as `copyGraph` does as it copies. `blobs` are
 * those that will be.
 */
export function reportingReads(
  from: Repository,
  blobs: readonly Descriptor[],
  onEvent: (event: CopyEvent) => void,
): Repository {
  for (const descriptor of blobs) onEvent({ kind: 'found', descriptor, action: 'copy' });
  return {
    ...from,
    blobs: {
      ...from.blobs,
      async *fetch(descriptor, options) {
        let bytes = 0;
        for await (const piece of from.blobs.fetch(descriptor, options)) {
          bytes += piece.byteLength;
          onEvent({ kind: 'copying', descriptor, bytes });
          yield piece;
        }
        onEvent({ kind: 'copied', descriptor });
      },
    },
  };
}
