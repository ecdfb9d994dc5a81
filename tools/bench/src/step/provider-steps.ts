import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { directoryStore } from '@teleport-plugins/object-store';
import { Secret } from '@teleport-plugins/secrets';
import {
  applyPublish,
  fileNames,
  h1OfArchive,
  inspectZip,
  isProtocol,
  listArchives,
  openPgpSigner,
  planPromotion,
  planPublish,
  repack,
  throwawayKey,
  writeScratch,
  type Archive,
  type PublishPlan,
  type Registry,
} from '@teleport-plugins/terraform-registry';

import { sampleRelease, writeArchives, type ReleaseSize } from '../archives/sample-release.js';
import type { Written } from '../measurement.js';

/** What the steps of a provider's release are given. Whatever is no size is a path. */
export interface ProviderStepInputs {
  /** Makes the archives of a release, and a key to sign with. Prepares, is not measured. */
  readonly makeArchives: {
    readonly artifacts: string;
    readonly key: string;
    readonly size: ReleaseSize;
  };
  /** Makes the zips of a release from its archives, and nothing else. */
  readonly repack: { readonly artifacts: string; readonly zips: string };
  /** Fails unless zips hold the files of the archives. Checks, is not measured. */
  readonly checkZips: { readonly artifacts: string; readonly zips: string };
  /** Publishes the release in the staging registry. */
  readonly tfStage: {
    readonly artifacts: string;
    readonly key: string;
    readonly staging: string;
    readonly scratch: string;
  };
  /** Publishes what is staged in the production registry. */
  readonly tfRelease: {
    readonly artifacts: string;
    readonly key: string;
    readonly staging: string;
    readonly production: string;
  };
}

export const providerSteps: {
  readonly [Name in keyof ProviderStepInputs]: (
    input: ProviderStepInputs[Name],
  ) => Promise<Written>;
} = {
  async makeArchives({ artifacts, key, size }) {
    await writeArchives(artifacts, size);
    await writeFile(key, (await throwawayKey(date)).reveal(), { mode: 0o600 });
    return nothingWritten;
  },

  async repack({ artifacts, zips }) {
    await mkdir(zips);
    const waiting = await archivesIn(artifacts);
    let written = nothingWritten;
    // As many at once as publishing repacks.
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const size = await writeZip(next, zips);
        written = plus(written, size);
      }
    };
    await Promise.all([worker(), worker()]);
    return written;
  },

  async checkZips({ artifacts, zips }) {
    for (const archive of await archivesIn(artifacts)) {
      const { name } = archive;
      const path = join(zips, fileNames.zip(name, name.platform));
      const expected = await h1OfArchive({ ...archive, content: archive.open() });
      const { h1 } = await inspectZip(path, path);
      if (h1 !== expected) throw new Error(`${path}: holds ${h1}, and its archive ${expected}`);
    }
    return nothingWritten;
  },

  async tfStage({ artifacts, key, staging, scratch }) {
    await mkdir(scratch);
    const plan = await planPublish(registryIn(staging), {
      archives: await listArchives(directoryStore(artifacts), sampleRelease),
      signer: await signerOf(key),
      protocols: ['6.0'].filter((each) => isProtocol(each)),
      scratchDirectory: scratch,
    });
    return apply(plan);
  },

  async tfRelease({ artifacts, key, staging, production }) {
    const plan = await planPromotion(registryIn(staging), registryIn(production), {
      archives: await listArchives(directoryStore(artifacts), sampleRelease),
      signer: await signerOf(key),
      at: date,
    });
    return apply(plan);
  },
};

/** Of the key, of what it signs, and of the clients. */
const date = new Date('2026-01-01T00:00:00Z');

const nothingWritten: Written = { objects: 0, bytes: 0 };

function plus({ objects, bytes }: Written, size: number): Written {
  return { objects: objects + 1, bytes: bytes + size };
}

async function archivesIn(artifacts: string): Promise<Archive[]> {
  const { archives } = await listArchives(directoryStore(artifacts), sampleRelease);
  return [...archives];
}

/** How many bytes the zip has. */
async function writeZip(archive: Archive, zips: string): Promise<number> {
  const { name } = archive;
  const { content, result } = repack({ ...archive, content: archive.open() });
  await writeScratch(join(zips, fileNames.zip(name, name.platform)), content);
  return result().size;
}

function registryIn(directory: string): Registry {
  return {
    store: directoryStore(directory),
    address: { namespace: 'gravitational', type: sampleRelease.type },
    mirrorHosts: ['terraform.example.com'],
  };
}

async function signerOf(key: string) {
  return openPgpSigner(new Secret(await readFile(key, 'utf8')), { date, where: key });
}

/** Documents that others write too count as objects, without their few bytes. */
async function apply(plan: PublishPlan): Promise<Written> {
  let written = nothingWritten;
  await applyPublish(plan, {
    at: date,
    onEvent({ kind, size = 0 }) {
      if (kind !== 'kept') written = plus(written, size);
    },
  });
  return written;
}
