import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import typescript from 'typescript';

export const workspaceRoot = resolve(import.meta.dirname, '../../..');

/** A package of the workspace: its folder relative to the root, and what its package.json declares. */
export interface WorkspacePackage {
  readonly directory: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

/** Files of the checkout, tracked or new, that match git pathspecs; ignored ones are left out. */
export function files(...pathspecs: readonly string[]): readonly string[] {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const output = execFileSync('git', [...list, '--', ...pathspecs], {
    cwd: workspaceRoot,
    encoding: 'utf8',
  });
  return output
    .split('\0')
    .filter((file) => file !== '')
    .sort();
}

export function read(file: string): string {
  return readFileSync(join(workspaceRoot, file), 'utf8');
}

/** All packages, in the order of their folders. */
export function workspacePackages(): readonly WorkspacePackage[] {
  return files('packages/**/package.json', 'tools/**/package.json').map((file) => {
    const manifest = JSON.parse(read(file)) as {
      readonly name: string;
      readonly dependencies?: Readonly<Record<string, string>>;
      readonly devDependencies?: Readonly<Record<string, string>>;
    };
    return {
      directory: dirname(file),
      name: manifest.name,
      dependencies: Object.keys(manifest.dependencies ?? {}),
      devDependencies: Object.keys(manifest.devDependencies ?? {}),
    };
  });
}

/** What a file imports, as it says it. */
export function specifiers(file: string): readonly string[] {
  const { importedFiles } = typescript.preProcessFile(read(file), true, true);
  return importedFiles.map((imported) => imported.fileName);
}
