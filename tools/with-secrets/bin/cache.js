import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageRoot = dirname(dirname(fileURLToPath(import.meta.url)));
const workspaceRoot = dirname(dirname(packageRoot));

/**
 * Where the bundle of the present sources is, or belongs. It is of the sources, of the packages of the
 * workspace that they import, and of the versions of what is installed.
 *
 * Whether they have changed is told as git tells it: by size, inode and time of change, which no program
 * can set. Reading and hashing them would take a tenth of all the time that there is.
 *
 * @returns {{ readonly path: string, readonly isThere: boolean, readonly packageRoot: string }}
 */
export function cachedBundle() {
  const key = hash(inputsOf(packageRoot).map(stamp).join('\n'));
  const path = join(workspaceRoot, 'node_modules', '.cache', 'with-secrets', `${key}.mjs`);
  return { path, isThere: existsSync(path), packageRoot };
}

/**
 * The files that the bundle depends on: of a package of the workspace all sources, of any other its
 * manifest.
 *
 * @param {string} folder
 * @returns {string[]}
 */
function inputsOf(folder) {
  const manifest = join(folder, 'package.json');
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(folder, 'src', name));
  const others = Object.keys(dependencies).flatMap((name) => {
    const found = installed(folder, name);
    return name.startsWith('@teleport-plugins/') ? inputsOf(found) : [join(found, 'package.json')];
  });
  return [manifest, ...sources, ...others];
}

/**
 * The folder of a package, found as Node finds it.
 *
 * @param {string} folder
 * @param {string} name
 * @returns {string}
 */
function installed(folder, name) {
  const here = join(folder, 'node_modules', name);
  if (existsSync(here)) return here;
  const above = dirname(folder);
  if (above === folder) throw new Error(`the package ${name} is not installed`);
  return installed(above, name);
}

/** @param {string} path */
function stamp(path) {
  const { size, ino, ctimeMs } = statSync(path);
  return `${path} ${size} ${ino} ${ctimeMs}`;
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
