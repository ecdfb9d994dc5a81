import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { ESLint } from 'eslint';
import { describe, expect, test } from 'vitest';

import { allowedImports } from '../../../eslint.boundaries.js';
import { files, specifiers, workspacePackages, workspaceRoot } from './workspace.js';

const scope = '@teleport-plugins/';
const packages = workspacePackages();

/** Starts Nx, or ESLint with types. */
const slow = { timeout: 120_000 };

/** The part that is read of `nx graph --file`. */
interface ProjectGraph {
  readonly graph: {
    readonly nodes: Readonly<Record<string, { readonly data: { readonly root: string } }>>;
    readonly dependencies: Readonly<Record<string, readonly { readonly target: string }[]>>;
  };
}

test('the table of allowed imports names every package of the workspace and no other', () => {
  expect(Object.keys(allowedImports).sort()).toEqual(packages.map((each) => each.directory).sort());
});

describe.each(packages)('$directory', ({ directory, dependencies, devDependencies }) => {
  const allowed = allowedImports[directory] ?? [];
  const production = importedPackages(productionFiles(directory));
  const tests = importedPackages(testFiles(directory));

  test('imports exactly the packages that the table allows', () => {
    expect(production).toEqual([...allowed].sort());
  });

  test('declares what it imports, and nothing else of the workspace', () => {
    expect(ownScope(dependencies)).toEqual(production);
    const declared = new Set([...ownScope(dependencies), ...ownScope(devDependencies)]);
    expect([...declared].sort()).toEqual([...new Set([...production, ...tests])].sort());
  });

  test('reaches no other package by a relative path', () => {
    const escaping = productionFiles(directory).flatMap((file) =>
      specifiers(file)
        .filter((specifier) => specifier.startsWith('.'))
        .filter(
          (specifier) =>
            !new URL(specifier, `file:///${file}`).pathname.startsWith(`/${directory}/`),
        )
        .map((specifier) => `${file}: ${specifier}`),
    );
    expect(escaping).toEqual([]);
  });
});

test('Nx sees the edges that the sources have', slow, async () => {
  const graph = join(await temporaryDirectory(), 'graph.json');
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith('NX_'));
  execFileSync(process.execPath, ['node_modules/nx/dist/bin/nx.js', 'graph', `--file=${graph}`], {
    cwd: workspaceRoot,
    env: { ...Object.fromEntries(env), NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false' },
    stdio: 'pipe',
  });
  const { nodes, dependencies } = (JSON.parse(readFileSync(graph, 'utf8')) as ProjectGraph).graph;
  const directoryOf = (project: string) => nodes[project]?.data.root;
  const seen = Object.entries(dependencies).flatMap(([project, edges]) =>
    edges.map(({ target }) => [directoryOf(project), directoryOf(target)].join(' → ')),
  );
  const expected = packages.flatMap(({ directory }) =>
    importedPackages(sources(directory)).map((name) => {
      const target = packages.find((each) => each.name === scope + name);
      return [directory, target?.directory].join(' → ');
    }),
  );
  // One that is imported both now and later is seen twice.
  expect([...new Set(seen)].sort()).toEqual(expected.sort());
});

test('the lint rule refuses an import that the table does not allow', slow, async () => {
  const eslint = new ESLint({ cwd: workspaceRoot });
  const [result] = await eslint.lintText("import '@teleport-plugins/registry';\n", {
    filePath: 'packages/folder-lock/src/index.ts',
  });
  expect(result?.messages.map((message) => message.message)).toEqual([
    expect.stringContaining(
      'Not an edge of the architecture: packages/folder-lock may import no other package',
    ),
  ]);
});

test('the lint rule accepts an import that the table allows', slow, async () => {
  const eslint = new ESLint({ cwd: workspaceRoot });
  const [result] = await eslint.lintText("import '@teleport-plugins/oci';\n", {
    filePath: 'packages/image/src/index.ts',
  });
  expect(result?.messages).toEqual([]);
});

function productionFiles(directory: string): readonly string[] {
  return sources(directory).filter((file) => !isTest(file));
}

function testFiles(directory: string): readonly string[] {
  return sources(directory).filter(isTest);
}

function sources(directory: string): readonly string[] {
  return files(...['ts', 'js', 'cjs'].map((extension) => `${directory}/**/*.${extension}`));
}

/** What the lint configuration counts as test code. */
function isTest(file: string): boolean {
  return /\.(?:test|contract)\.ts$|\/test\//.test(file) || file.startsWith('packages/testing/');
}

function importedPackages(sourceFiles: readonly string[]): readonly string[] {
  return ownScope(sourceFiles.flatMap(specifiers));
}

function ownScope(names: readonly string[]): readonly string[] {
  const own = names.filter((name) => name.startsWith(scope));
  return [...new Set(own.map((name) => name.slice(scope.length).split('/')[0] ?? ''))].sort();
}
