import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { compileGoRepack, runGoRepack, type GoRepack } from './archives/go-repack.js';
import type { ReleaseSize } from './archives/sample-release.js';
import { inNewFolder, measureStep, type Bench } from './bench.js';
import type { Measurement, Written } from './measurement.js';
import type { InstalledProgram } from './peers.js';
import { runStep } from './step/run-step.js';

const mebibyte = 1024 * 1024;

export interface ArchivesOptions {
  /** How many archives the release has. */
  readonly platforms: number;
  /** Of the executable in each, in MiB. */
  readonly executable: number;
  /** Go, when it is installed. */
  readonly go: InstalledProgram | undefined;
}

/**
 * A provider's release. Its archives are repacked, beside what the release tool before this one did, and
 * so is a single one that is eight times as large: memory must not grow with it. Then the release is staged
 * and released, in directories, each also when that was done already.
 */
export function archivesSuite(
  bench: Bench,
  { platforms, executable, go }: ArchivesOptions,
): Promise<readonly Measurement[]> {
  return inNewFolder(async (folder) => {
    const peers = go === undefined ? [] : await compileGoRepack(bench.workspace, go, folder);
    const release = { platforms, executable: executable * mebibyte };
    const large = { platforms: 1, executable: 8 * executable * mebibyte };
    const [alone] = peers;
    return [
      ...(await withArchives(bench, release, async (archives) => [
        ...(await measureRepack(bench, peers, archives)),
        ...(await measureRelease(bench, archives)),
      ])),
      ...(await withArchives(bench, large, (archives) =>
        measureRepack(bench, alone === undefined ? [] : [alone], archives),
      )),
    ];
  });
}

/** The archives of a release, and a key for it. */
interface Archives {
  /** All that is made of them goes here. */
  readonly folder: string;
  readonly artifacts: string;
  readonly key: string;
  readonly size: ReleaseSize;
}

function withArchives<T>(
  { workspace }: Bench,
  size: ReleaseSize,
  use: (archives: Archives) => Promise<T>,
): Promise<T> {
  return inNewFolder(async (folder) => {
    const [artifacts, key] = [join(folder, 'artifacts'), join(folder, 'key.asc')];
    await runStep(workspace, 'makeArchives', { artifacts, key, size });
    return use({ folder, artifacts, key, size });
  });
}

async function measureRepack(
  bench: Bench,
  peers: readonly GoRepack[],
  { folder, artifacts, size }: Archives,
): Promise<readonly Measurement[]> {
  const what = `repack ${nameOf(size)}`;
  const measurements: Measurement[] = [];
  const measure = async (repack: (zips: string) => Promise<Measurement>) => {
    const zips = join(folder, 'zips');
    measurements.push(await repack(zips));
    // Whoever wrote anything else has no time to be compared with.
    await runStep(bench.workspace, 'checkZips', { artifacts, zips });
    await rm(zips, { recursive: true });
  };
  await measure((zips) => measureStep(bench, what, 'repack', { artifacts, zips }));
  for (const peer of peers) {
    await measure(async (zips) => {
      const used = await runGoRepack(bench.workspace, peer, size, { artifacts, zips });
      const { wall, cpu, peakMemory } = used;
      return { what, who: peer.name, wall, cpu, peakMemory, written: await filesIn(zips) };
    });
  }
  return measurements;
}

async function measureRelease(
  bench: Bench,
  { folder, artifacts, key, size }: Archives,
): Promise<readonly Measurement[]> {
  const [staging, production] = [join(folder, 'staging'), join(folder, 'production')];
  const stage = (scratch: string) => ({ artifacts, key, staging, scratch: join(folder, scratch) });
  const release = { artifacts, key, staging, production };
  const what = nameOf(size);
  return [
    await measureStep(bench, `tf-stage ${what}`, 'tfStage', stage('scratch')),
    await measureStep(bench, `tf-stage ${what}, again`, 'tfStage', stage('unused')),
    await measureStep(bench, `tf-release ${what}`, 'tfRelease', release),
    await measureStep(bench, `tf-release ${what}, again`, 'tfRelease', release),
  ];
}

function nameOf({ platforms, executable }: ReleaseSize): string {
  const archives = platforms === 1 ? 'an archive' : `${platforms} archives`;
  return `${archives} of ${executable / mebibyte} MiB`;
}

async function filesIn(folder: string): Promise<Written> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return { objects: names.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
