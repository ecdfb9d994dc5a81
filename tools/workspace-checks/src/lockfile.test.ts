import { expect, test } from 'vitest';

import { read } from './workspace.js';

/** The part that is read of package-lock.json. */
interface Lockfile {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly resolved?: string;
        readonly link?: boolean;
        readonly extraneous?: boolean;
        readonly optionalDependencies?: Readonly<Record<string, string>>;
      }
    >
  >;
}

const { packages } = JSON.parse(read('package-lock.json')) as Lockfile;

test('the lockfile has the binaries of every platform, so that npm ci works on each', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !isLocked(path, name)),
  );
  expect(missing).toEqual([]);
});

test('the lockfile names no download hosts', () => {
  const hosts = Object.values(packages).flatMap(({ resolved, link }) =>
    resolved === undefined || link === true ? [] : [resolved],
  );
  expect(hosts.filter((url) => !url.startsWith('https://registry.npmjs.org/'))).toEqual([]);
});

test('the lockfile holds nothing that no package needs', () => {
  const extraneous = Object.entries(packages).filter(([, { extraneous }]) => extraneous === true);
  expect(extraneous.map(([path]) => path)).toEqual([]);
});

/** Whether Node would find the dependency in a node_modules folder of the package or one above it. */
function isLocked(path: string, name: string): boolean {
  const candidate = path === '' ? `node_modules/${name}` : `${path}/node_modules/${name}`;
  if (candidate in packages) return true;
  if (path === '') return false;
  const above = path.lastIndexOf('node_modules/');
  return isLocked(above < 0 ? '' : path.slice(0, above).replace(/\/$/, ''), name);
}
