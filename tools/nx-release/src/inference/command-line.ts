import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { PreTasksExecution } from '@nx/devkit';

import { StepError } from '../error.js';
import { readEnvironments } from './environments.js';
import { isDryRun, skipNxCache } from './host.js';
import { providerTargetNames, type ProviderTarget } from './provider-targets.js';
import { rootProject, rootTargets, type RootTarget } from './root-targets.js';
import { releaseTargets, type ReleaseTarget } from './targets.js';

/**
 * Called before Nx runs tasks. Refuses command lines that Nx would carry out as other ones, and keeps
 * runs that build nothing (dry runs, other versions) out of Nx's cache, so that what they leave
 * undone is never restored as an output, and builds from a folder whose files Nx does not hash.
 */
export const preTasksExecution: PreTasksExecution = (_options, { argv, workspaceRoot }) => {
  // Whatever is run: it may depend on a release target without naming one.
  if (isDryRun()) skipNxCache();
  const { own, forwarded, isSplit } = splitCommandLine(argv.slice(2));
  // Nx takes it from there as well, and the hash of a build does too (`uncached` in inputs.ts).
  if (own.some((arg) => /^--(?:skip|disable)-?nx-?cache(?:=true)?$/i.test(arg))) skipNxCache();
  const names = own.flatMap((arg) => arg.split(/[:,=]/));
  const targets = [
    ...[...releaseTargets, ...providerTargetNames].filter((each) => names.includes(each)),
    // Others may have targets with these names.
    ...rootTargets.filter((each) => names.includes(each) && names.includes(rootProject)),
  ];
  const [target] = targets;
  if (target === undefined) return;

  if (own.some((arg) => arg.startsWith('--version='))) throw versionOfNx(own);
  const lost = isSplit ? own.filter((arg) => isOptionOf(targets, arg)) : [];
  if (lost.length > 0) throw optionsOfNobody(lost);
  const { names: known } = readEnvironments(workspaceRoot);
  const asked = target === 'build' ? undefined : configurationOf(own);
  if (asked !== undefined && known.length > 0 && !known.includes(asked)) {
    throw unknownEnvironment(asked, known);
  }
  if (
    [...own, ...forwarded].some((arg) =>
      /^--(?:dry-?run|print-?policy|tag|version|binaries)\b/i.test(arg),
    )
  ) {
    skipNxCache();
  }
};

/** Nx passes what is behind `--` to the targets without reading it, and then nothing of the rest. */
function splitCommandLine(args: readonly string[]) {
  const isSplit = args.includes('--');
  const end = isSplit ? args.indexOf('--') : args.length;
  return { own: args.slice(0, end), forwarded: args.slice(end + 1), isSplit };
}

/** Whether it is one of the options that the steps of some targets have, in any of Nx's spellings. */
function isOptionOf(targets: readonly AnyTarget[], arg: string): boolean {
  const [, name] = /^--(?:no-)?([A-Za-z][\w-]*)/.exec(arg) ?? [];
  const plain = (each: string) => each.replaceAll('-', '').toLowerCase();
  return name !== undefined && targets.flatMap(optionsOf).map(plain).includes(plain(name));
}

type AnyTarget = ReleaseTarget | ProviderTarget | RootTarget;

function optionsOf(target: AnyTarget): readonly string[] {
  const file = join(import.meta.dirname, '../executors', target, 'schema.json');
  const { properties } = JSON.parse(readFileSync(file, 'utf8')) as { properties: object };
  return Object.keys(properties);
}

/** `-c name`, `--configuration=name` or `run project:target:name`. Other words may hold colons, as URLs do. */
function configurationOf(args: readonly string[]): string | undefined {
  const flag = args.findIndex((arg) => arg === '-c' || arg === '--configuration');
  if (flag >= 0) return args[flag + 1];
  const [inline] = args.flatMap((arg) => /^(?:-c|--configuration)=(.+)$/.exec(arg)?.[1] ?? []);
  const task = args.includes('run') ? args[args.indexOf('run') + 1] : undefined;
  return inline ?? /^[^-][^:]*:[^:]+:(.+)$/.exec(task ?? '')?.[1];
}

/** Nx has an option of this name; it drops the value, and the tree's version would be released. */
function versionOfNx(args: readonly string[]): StepError {
  const [version = ''] = args.flatMap((arg) => /^--version=(.*)$/.exec(arg)?.[1] ?? []);
  return new StepError(
    'command-line-invalid',
    `--version is an option of Nx itself, which does not pass it on: write \`-- --version ${version}\`, or name the release tag with --tag`,
  );
}

/** A dry run would be none, and an image would be for another environment. */
function optionsOfNobody(lost: readonly string[]): StepError {
  return new StepError(
    'command-line-invalid',
    `${lost.join(' ')} would be dropped, because Nx passes on nothing before \`--\` when there is one: write the options of the step behind it`,
  );
}

/** Nx takes a configuration that a target does not have for none, which would be the default. */
function unknownEnvironment(name: string, known: readonly string[]): StepError {
  return new StepError(
    'command-line-invalid',
    `release.config.json declares no environment "${name}": use one of ${known.join(', ')}`,
  );
}
