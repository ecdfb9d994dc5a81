import { posix } from 'node:path';

import { describe, expect, test } from 'vitest';

import { files, specifiers, workspacePackages } from './workspace.js';

describe.each(workspacePackages())('$directory', ({ directory }) => {
  test('has no files that import each other, directly or by way of others', () => {
    const imports = new Map(files(`${directory}/**/*.ts`).map((file) => [file, filesIn(file)]));
    expect([...inCycles(imports)]).toEqual([]);
  });
});

test('files that import each other are found, and those that only import them are not', () => {
  const imports = { a: ['b'], b: ['c', 'd'], c: ['b'], d: [] };
  expect([...inCycles(new Map(Object.entries(imports)))]).toEqual(['b', 'c']);
});

/** The files of the same package that a file imports. */
function filesIn(file: string): readonly string[] {
  return specifiers(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts'));
}

/** What is left when all that import nothing of the others, or that none of the others imports, were taken away. */
function inCycles(imports: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const left = new Set(imports.keys());
  const isOuter = (file: string) => {
    const imported = imports.get(file) ?? [];
    return (
      !imported.some((each) => left.has(each)) ||
      ![...left].some((each) => imports.get(each)?.includes(file))
    );
  };
  for (let size = 0; size !== left.size;) {
    size = left.size;
    for (const file of left) if (isOuter(file)) left.delete(file);
  }
  return left;
}
