import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is read of a package.json in the workspace. */
export interface WorkspacePackage {
  /** Its folder, relative to the root of the workspace, with `/`. */
  readonly root: string;
  readonly name: string;
  /** Its name in Nx's graph. */
  readonly project: string;
  /** The names under `dependencies`: what it needs when it runs, not what its tests need. */
  readonly dependencies: readonly string[];
}

/**
 * The packages in these folders. One that cannot be read is left out: npm and Nx complain about it
 * better than a release step can.
 */
export function readWorkspacePackages(
  workspaceRoot: string,
  roots: readonly string[],
): readonly WorkspacePackage[] {
  return roots.flatMap((root) => {
    const manifest = readManifest(join(workspaceRoot, root, 'package.json'));
    if (typeof manifest?.name !== 'string') return [];
    const { name } = manifest;
    const project = manifest.nx?.name ?? name;
    return [{ root, name, project, dependencies: Object.keys(manifest.dependencies ?? {}) }];
  });
}

/** A package and the workspace packages that it is built from, its own folder first, then by folder. */
export function withDependencies(
  packages: readonly WorkspacePackage[],
  start: WorkspacePackage,
): readonly WorkspacePackage[] {
  const found = new Set([start]);
  for (const each of found) {
    for (const name of each.dependencies) {
      const dependency = packages.find((candidate) => candidate.name === name);
      if (dependency !== undefined) found.add(dependency);
    }
  }
  found.delete(start);
  return [start, ...[...found].sort((a, b) => (a.root < b.root ? -1 : 1))];
}

interface Manifest {
  readonly name?: unknown;
  readonly nx?: { readonly name?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
}

function readManifest(path: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}
