import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { describe, test } from 'vitest';

/** A real program of somebody else's that a suite is tested against. */
export interface Peer {
  /** The program's name on the PATH, or its absolute path. */
  readonly program: string;
  /** How to get it, for people: `apt-get install skopeo`. */
  readonly install: string;
}

/** The absolute path of a program, or `undefined` when it is not installed. */
export function findPeer(peer: Peer): string | undefined {
  const path = process.env.PATH ?? '';
  const candidates = peer.program.startsWith('/')
    ? [peer.program]
    : path.split(delimiter).map((directory) => join(directory, peer.program));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * A suite that needs a peer. Where the peer is missing the suite is one skipped test that says how
 * to install it; in CI it is one failing test, because there nothing may be skipped silently.
 */
export function describeWithPeer(peer: Peer, suite: (path: string) => void): void {
  const path = findPeer(peer);
  describe(`with ${peer.program}`, () => {
    if (path !== undefined) return suite(path);
    const reason = `${peer.program} is not installed: ${peer.install}`;
    if (process.env.CI !== undefined) {
      test(reason, () => {
        throw new Error(reason);
      });
    } else {
      test.skip(reason);
    }
  });
}
