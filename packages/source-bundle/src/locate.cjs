'use strict';

const { existsSync, readdirSync, readFileSync, statSync } = require('node:fs');
const { basename, join, sep } = require('node:path');

/**
 * Programs of a package, in TypeScript.
 *
 * @typedef {object} Programs
 * @property {string} packageRoot the package's folder, below the workspace's in `packages` or `tools`
 * @property {Readonly<Record<string, string>>} entryPoints of each program its source, relative to that folder
 * @property {readonly string[]} [external] packages that stay where they are installed: those that have state which
 *   others share, or that come with a program of their own
 */

/**
 * Where the bundle of a package is, or belongs.
 *
 * @typedef {object} Place
 * @property {string} cache the folder of all bundles of the package
 * @property {string} folder that of the bundle of the present sources
 * @property {boolean} isThere
 */

const scope = '@teleport-plugins/';

/**
 * A bundle is of the package's sources, of those of the workspace's packages that it depends on, of what is installed,
 * and of this Node.
 *
 * Whether sources have changed is told as git tells it: by size, inode and time of change, which no program can set.
 * Reading and hashing them would take longer than all the rest.
 *
 * @param {Programs} programs
 * @returns {Place}
 */
exports.locate = ({ packageRoot, entryPoints, external = [] }) => {
  const workspaceRoot = rootAbove(packageRoot);
  const folders = withDependencies(packageRoot, workspaceRoot);
  const sources = folders.flatMap(sourcesOf).map(stampOfSource);
  const key = hash(
    [
      // What V8 has compiled is for one version of it.
      JSON.stringify([entryPoints, external, process.version, process.arch]),
      ...sources,
      // npm writes it anew whenever it installs something.
      stampOfFile(join(workspaceRoot, 'node_modules/.package-lock.json')),
    ].join('\n'),
  );
  const cache = join(workspaceRoot, 'node_modules/.cache/source-bundle', basename(packageRoot));
  const folder = join(cache, key);
  return { cache, folder, isThere: existsSync(folder) };
};

/** @param {string} packageRoot */
function rootAbove(packageRoot) {
  const parts = packageRoot.split(sep);
  const at = Math.max(parts.lastIndexOf('packages'), parts.lastIndexOf('tools'));
  return parts.slice(0, at).join(sep);
}

/**
 * The folders of a package and of those of the workspace that it depends on.
 *
 * @param {string} packageRoot
 * @param {string} workspaceRoot
 * @returns {readonly string[]}
 */
function withDependencies(packageRoot, workspaceRoot) {
  const folders = new Set([packageRoot]);
  // A set that grows is walked to its end.
  for (const folder of folders) {
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) {
      if (name.startsWith(scope)) folders.add(join(workspaceRoot, 'node_modules', name));
    }
  }
  return [...folders];
}

/** @param {string} folder */
function sourcesOf(folder) {
  return [join(folder, 'package.json'), ...filesBelow(join(folder, 'src'))];
}

/**
 * @param {string} folder
 * @returns {readonly string[]} without tests
 */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    // Names that readdir gives need no join, which would take longer than all that is asked of the system.
    const path = folder + sep + entry.name;
    if (entry.isDirectory()) return entry.name === 'test' ? [] : filesBelow(path);
    return entry.name.endsWith('.test.ts') ? [] : [path];
  });
}

/** @param {string} path */
function stampOfSource(path) {
  const { size, ino, ctimeMs } = statSync(path);
  return `${path} ${size} ${ino} ${ctimeMs}`;
}

/**
 * Without the time of change: to link it into a copy of the workspace changes that.
 *
 * @param {string} path
 */
function stampOfFile(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? '' : `${path} ${found.size} ${found.ino} ${found.mtimeMs}`;
}

/**
 * Two of FNV-1a, for a name: what `node:crypto` takes to load is not for this.
 *
 * @param {string} text
 */
function hash(text) {
  let [one, other] = [0x811c9dc5, 0x1000193];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other ^ code, 0x85ebca6b);
  }
  return [one, other].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
