import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '../measure.js';
import type { InstalledProgram } from '../peers.js';
import type { Workspace } from '../workspace.js';
import { archivePath, samplePlatforms, zipNames, type ReleaseSize } from './sample-release.js';

/** A program that repacks archives as the release tool before this one did. */
export interface GoRepack {
  readonly name: string;
  readonly program: string;
  readonly options: readonly string[];
}

/** Compiles `go/main.go` into a folder: one archive after the other as that tool did, and two at once. */
export async function compileGoRepack(
  { root, env }: Workspace,
  go: InstalledProgram,
  folder: string,
): Promise<readonly GoRepack[]> {
  const program = join(folder, 'go-repack');
  await run({
    program: go.program,
    args: ['build', '-o', program, join(import.meta.dirname, 'go/main.go')],
    cwd: root,
    env: {
      ...env,
      CGO_ENABLED: '0',
      GO111MODULE: 'off',
      GOFLAGS: '',
      GOTOOLCHAIN: 'local',
      // The home folder stays as it is, and may be missing.
      GOCACHE: join(folder, 'go-cache'),
      GOPATH: join(folder, 'go-path'),
    },
  });
  return [
    { name: go.name, program, options: [] },
    { name: `${go.name}, two at once`, program, options: ['-at-once', '2'] },
  ];
}

/** Has the program make the zips of a release, in a folder that is new. */
export async function runGoRepack(
  { root, env }: Workspace,
  { program, options }: GoRepack,
  { platforms }: ReleaseSize,
  { artifacts, zips }: { readonly artifacts: string; readonly zips: string },
) {
  await mkdir(zips);
  const jobs = samplePlatforms.slice(0, platforms).flatMap((platform) => {
    const names = zipNames(platform);
    return [archivePath(artifacts, platform), join(zips, names.zip), names.program];
  });
  return run({ program, args: [...options, ...jobs], cwd: root, env });
}
