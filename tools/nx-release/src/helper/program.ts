import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readFile, readlink, rename, rm, rmdir, symlink } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

import { helperName, placesOf } from '@teleport-plugins/auth';

import { bundlePlugin } from '../bundle/bundle.js';
import { StepError } from '../error.js';
import { replaceFile } from '../files/outputs.js';
import type { Host } from '../host.js';

/** The credential helper as it is installed for a user: one file, which needs Node and nothing else. */
export interface HelperProgram {
  /** How docker and podman find it. */
  readonly command: string;
  /** Whether it is there as these sources make it. */
  readonly isCurrent: boolean;
  /** Whether docker would find it. */
  readonly isOnPath: boolean;
  install(): Promise<void>;
}

const commandName = `docker-credential-${helperName}`;
const source = `tools/${commandName}`;

/** The workspace that this file is in, whatever the one is that is released. */
const ownWorkspace = resolve(import.meta.dirname, '../../../..');

/** Bundles the helper, and looks at what is installed. Throws `bundle-failed` and `program-foreign`. */
export async function planProgram(host: Host): Promise<HelperProgram> {
  const { command, file, licenses, programs } = installedAt(host);
  const bundle = await bundlePlugin(ownWorkspace, source, { without: ['kerberos'] });
  const program = Buffer.concat([launcher(host.nodeProgram), bundle.program]);
  const link = await linkAt(command);
  if (link !== undefined && link !== file) throw foreign(command);
  const old = await readFile(file).catch(() => undefined);
  return {
    command,
    isCurrent: link === file && old?.equals(program) === true,
    isOnPath: (host.env.PATH ?? '').split(delimiter).includes(programs),
    install: async () => {
      const now = host.now();
      await replaceFile(licenses, { now }, bundle.licenses);
      await replaceFile(file, { now, mode: 0o755 }, program);
      await mkdir(programs, { recursive: true });
      const draft = `${command}.${randomUUID()}`;
      await symlink(file, draft);
      await rename(draft, command);
    },
  };
}

/** Where the helper is installed, if it is. */
export async function findProgram(host: Host): Promise<string | undefined> {
  const { command, file } = installedAt(host);
  return (await linkAt(command)) === file ? command : undefined;
}

/** Removes what `install` has made. What is somebody else's stays. */
export async function removeProgram(host: Host): Promise<void> {
  const { command, file, licenses, folder } = installedAt(host);
  if ((await linkAt(command)) === file) await rm(command);
  await rm(file, { force: true });
  await rm(licenses, { force: true });
  await rmdir(folder).catch(() => undefined);
}

function installedAt({ env, homeDirectory }: Host) {
  const { data, programs } = placesOf({ variables: env, homeDirectory });
  return {
    command: join(programs, commandName),
    programs,
    folder: data,
    file: join(data, `${commandName}.mjs`),
    licenses: join(data, 'LICENSES.txt'),
  };
}

/** Where a link leads; an empty text for what is no link. */
async function linkAt(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isSymbolicLink() ? readlink(path) : '';
}

/**
 * The first lines: for the shell, which starts Node, a program; for JavaScript a text and a comment. The
 * path of a Node may be too long, or hold a space, for a line that begins with `#!`; and when it is gone,
 * that is said as the helper says what goes wrong.
 */
function launcher(node: string): Buffer {
  const gone = `${node} is gone: run npx nx run release:login again`;
  const start = `test -x ${quoted(node)} && exec ${quoted(node)} "$0" "$@"`;
  const complaint = `echo ${quoted(gone)}; echo ${quoted(gone)} >&2`;
  return Buffer.from(`#!/bin/sh\n':' //; ${start}; ${complaint}; exit 1\n`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function foreign(command: string): StepError {
  return new StepError(
    'program-foreign',
    `${command} is there, and was not installed by this project; move it away, then run the step again`,
  );
}
