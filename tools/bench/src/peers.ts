import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import type { Place } from './step/steps.js';

/** A program of somebody else's. */
export interface InstalledProgram {
  /** With its version. */
  readonly name: string;
  readonly program: string;
}

/** The first one of a name on the PATH; `version` is what it is asked for its version with. */
export async function findProgram(
  name: string,
  version: readonly string[],
  path: string,
): Promise<InstalledProgram | undefined> {
  for (const directory of path.split(delimiter)) {
    const program = join(directory, name);
    try {
      await access(program, constants.X_OK);
    } catch {
      continue;
    }
    const { stdout } = await promisify(execFile)(program, version);
    return { name: `${name} ${/\d+(\.\d+)+/.exec(stdout)?.[0] ?? ''}`.trim(), program };
  }
  return undefined;
}

/** Another program that copies images between registries. */
export interface Peer extends InstalledProgram {
  /** To copy an image with all its platforms as it is, between registries over plain HTTP. */
  readonly copy: (from: Place, to: Place) => readonly string[];
}

/** Those that are installed. */
export async function findPeers(path: string): Promise<readonly Peer[]> {
  const found = await Promise.all(known.map((peer) => find(peer, path)));
  return found.filter((peer) => peer !== undefined);
}

interface KnownPeer {
  readonly program: string;
  readonly version: readonly string[];
  readonly copy: Peer['copy'];
}

const known: readonly KnownPeer[] = [
  {
    program: 'skopeo',
    version: ['--version'],
    copy: (from, to) => [
      ...['--insecure-policy', 'copy', '--all', '--preserve-digests'],
      ...['--src-tls-verify=false', '--dest-tls-verify=false'],
      `docker://${nameOf(from)}`,
      `docker://${nameOf(to)}`,
    ],
  },
  {
    program: 'crane',
    version: ['version'],
    copy: (from, to) => ['copy', '--insecure', nameOf(from), nameOf(to)],
  },
];

function nameOf({ host, repository, tag }: Place): string {
  return `${host}/${repository}:${tag}`;
}

async function find(peer: KnownPeer, path: string): Promise<Peer | undefined> {
  const installed = await findProgram(peer.program, peer.version, path);
  return installed && { ...installed, copy: peer.copy };
}
