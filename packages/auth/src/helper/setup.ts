import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { withLock } from '../files/lock.js';
import { editConfigFile, readConfigFile, removeConfigFile } from './config-file.js';
import { withHelper, withoutHelper, type ConfigChange } from './config-text.js';
import type { RegisteredFile, Registration } from './registration.js';
import {
  formatRegistrations,
  parseRegistrations,
  readRegistrations,
  type Registrations,
} from './registrations.js';

/** What follows `docker-credential-` in the name of this project's credential helper. */
export const helperName = 'teleport-release';

/** The files that say which registries the helper is for. */
export interface HelperFiles {
  readonly registrations: string;
  /** Of docker and podman. */
  readonly configs: readonly string[];
}

/** By host. */
export type WantedRegistrations = ReadonlyMap<string, Omit<Registration, 'files'>>;

export type FileChange = { readonly file: string } & (
  ConfigChange | { readonly kind: 'registered' | 'unregistered'; readonly host: string }
);

/** What `setUpHelper` would change. Reads only. Throws the same. */
export async function planSetUp(
  files: HelperFiles,
  wanted: WantedRegistrations,
): Promise<readonly FileChange[]> {
  const known = await readRegistrations(files.registrations);
  const registered = [...wanted].filter(
    ([host, registration]) => !isSame({ ...known.get(host), files: undefined }, registration),
  );
  const changes = await Promise.all(
    files.configs.map(async (file) => {
      const text = (await readConfigFile(file)) ?? '';
      const edit = withHelper(text, file, [...wanted.keys()], helperName);
      return edit.changes.map((change) => ({ file, ...change }));
    }),
  );
  return [
    ...registered.map(([host]) => ({
      kind: 'registered' as const,
      file: files.registrations,
      host,
    })),
    ...changes.flat(),
  ];
}

/**
 * Registers registries with the helper, and the helper with docker and podman, in that order. Several may
 * do so at a time. Throws `registrations-invalid`, `config-invalid`, `config-unreadable` and
 * `config-unwritable`.
 */
export async function setUpHelper(files: HelperFiles, wanted: WantedRegistrations): Promise<void> {
  const hosts = [...wanted.keys()];
  await exclusively(files, async () => {
    const before = new Map<string, readonly RegisteredFile[]>();
    for (const path of files.configs) {
      const text = await readConfigFile(path);
      const { changes } = withHelper(text ?? '', path, hosts, helperName);
      for (const change of changes) {
        if (change.kind !== 'set') continue;
        const file = {
          path,
          ...(change.before !== undefined && { before: change.before }),
          ...(text === undefined && { isNew: true }),
        };
        before.set(change.host, [...(before.get(change.host) ?? []), file]);
      }
    }
    await editRegistrations(files, (known) => {
      const added = [...wanted].map(([host, registration]) => {
        const ofOld = known.get(host)?.files ?? [];
        const ofNew = before.get(host) ?? [];
        const kept = ofOld.filter(({ path }) => !ofNew.some((file) => file.path === path));
        return [host, { ...registration, files: [...kept, ...ofNew] }] as const;
      });
      return new Map([...known, ...added]);
    });
    for (const path of files.configs) {
      await editConfigFile(path, (text) => withHelper(text, path, hosts, helperName).text);
    }
  });
}

/** What `removeHelper` would change. Reads only. Throws the same. */
export async function planRemoval(
  files: HelperFiles,
  hosts: readonly string[],
): Promise<readonly FileChange[]> {
  const known = await readRegistrations(files.registrations);
  const changes = await Promise.all(
    configsOf(files, known, hosts).map(async (file) => {
      const text = (await readConfigFile(file)) ?? '';
      const edit = withoutHelper(text, file, helpersBefore(known, hosts, file), helperName);
      return edit.changes.map((change) => ({ file, ...change }));
    }),
  );
  const registered = hosts.filter((host) => known.has(host));
  return [
    ...changes.flat(),
    ...registered.map((host) => ({
      kind: 'unregistered' as const,
      file: files.registrations,
      host,
    })),
  ];
}

/**
 * Undoes `setUpHelper` for these registries: docker and podman get back what they had, files that did
 * not exist before are removed when nothing else is in them. Throws the same.
 */
export async function removeHelper(files: HelperFiles, hosts: readonly string[]): Promise<void> {
  await exclusively(files, async () => {
    const known = await readRegistrations(files.registrations);
    for (const path of configsOf(files, known, hosts)) {
      const before = helpersBefore(known, hosts, path);
      await editConfigFile(path, (text) => withoutHelper(text, path, before, helperName).text);
      const isNew = [...known.values()].some((registration) =>
        registration.files.some((file) => file.path === path && file.isNew === true),
      );
      if (isNew && (await readConfigFile(path)) === '{}') await removeConfigFile(path);
    }
    await editRegistrations(
      files,
      (all) => new Map([...all].filter(([host]) => !hosts.includes(host))),
    );
  });
}

async function exclusively(files: HelperFiles, work: () => Promise<void>): Promise<void> {
  await mkdir(dirname(files.registrations), { recursive: true, mode: 0o700 });
  await withLock(`${files.registrations}.lock`, {}, work);
}

async function editRegistrations(
  { registrations: path }: HelperFiles,
  edit: (known: Registrations) => Registrations,
): Promise<void> {
  await editConfigFile(path, (text) => {
    const known = parseRegistrations(text, path);
    const edited = edit(known);
    return edited.size === 0 && known.size === 0 ? text : formatRegistrations(edited);
  });
  if ((await readRegistrations(path)).size === 0) await removeConfigFile(path);
}

/** Those that are known to name the helper for one of the registries, and those that may. */
function configsOf(
  files: HelperFiles,
  known: Registrations,
  hosts: readonly string[],
): readonly string[] {
  const recorded = hosts.flatMap((host) => known.get(host)?.files.map(({ path }) => path) ?? []);
  return [...new Set([...recorded, ...files.configs])];
}

function helpersBefore(
  known: Registrations,
  hosts: readonly string[],
  path: string,
): ReadonlyMap<string, string | undefined> {
  return new Map(
    hosts.map((host) => [host, known.get(host)?.files.find((file) => file.path === path)?.before]),
  );
}

function isSame(a: object, b: object): boolean {
  const plain = (value: object) => JSON.parse(JSON.stringify(value)) as unknown;
  return isDeepStrictEqual(plain(a), plain(b));
}
