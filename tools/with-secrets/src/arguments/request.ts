import type { Selection } from '@teleport-plugins/secrets/environment';

import {
  invalid,
  parseCommandLine,
  type CommandLine,
  type Flag,
  type Valued,
} from './command-line.js';

/** Where the secrets come from. */
export type Source =
  { readonly kind: 'standard-input' } | { readonly kind: 'sops'; readonly file: string };

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'list';
      readonly source: Source;
      readonly selection: Selection;
      readonly isJson: boolean;
    }
  | {
      readonly kind: 'run' | 'dry-run';
      readonly source: Source;
      readonly selection: Selection;
      /** Names that are not masked. */
      readonly shown: readonly string[];
      readonly isMasked: boolean;
      /** The program and its arguments. */
      readonly command: readonly string[];
    };

/** Throws WithSecretsError `command-line-invalid`. */
export function parseRequest(args: readonly string[]): Request {
  const line = parseCommandLine(args);
  const { flags, command } = line;
  if (flags.has('help')) return { kind: 'help' };
  const common = { source: sourceOf(line), selection: selectionOf(line) };
  if (flags.has('list')) {
    refuse(line, '--list runs nothing', ['dry-run', 'no-mask', 'show']);
    if (command[0] !== undefined) {
      throw invalid(
        `--list runs nothing, and there is a command, which begins with "${command[0]}"`,
      );
    }
    return { kind: 'list', ...common, isJson: flags.has('json') };
  }
  refuse(line, 'only --list prints JSON', ['json']);
  if (flags.has('no-mask')) refuse(line, '--no-mask shows everything', ['show']);
  if (command.length === 0) throw invalid('there is no command to run');
  if (command[0] === '') throw invalid('the command is an empty word');
  if (command[0]?.startsWith('-') === true) {
    throw invalid(`${command[0]} stands where the command is; options stand before the --`);
  }
  return {
    kind: flags.has('dry-run') ? 'dry-run' : 'run',
    ...common,
    shown: namesOf(line, 'show'),
    isMasked: !flags.has('no-mask'),
    command,
  };
}

function sourceOf(line: CommandLine): Source {
  const file = single(line, 'sops');
  return file === undefined ? { kind: 'standard-input' } : { kind: 'sops', file };
}

function selectionOf(line: CommandLine): Selection {
  return {
    only: namesOf(line, 'only'),
    require: namesOf(line, 'require'),
    prefix: single(line, 'prefix'),
    keepExisting: line.flags.has('keep-env'),
    override: namesOf(line, 'override'),
  };
}

/** `--only A,B --only C` are three names, and so they are with blanks between them. */
function namesOf({ values }: CommandLine, option: Valued): readonly string[] {
  const names = (values.get(option) ?? [])
    .flatMap((value) => value.split(','))
    .map((name) => name.trim());
  if (names.includes('')) throw invalid(`--${option} has an empty name among its names`);
  return [...new Set(names)];
}

function single({ values }: CommandLine, option: Valued): string | undefined {
  const [value, ...others] = values.get(option) ?? [];
  if (others.length > 0) throw invalid(`--${option} stands there more than once`);
  return value;
}

function refuse(
  { flags, values }: CommandLine,
  why: string,
  options: readonly (Flag | Valued)[],
): void {
  const present = options.find((name) => flags.has(name as Flag) || values.has(name as Valued));
  if (present !== undefined) throw invalid(`${why}, so --${present} means nothing`);
}
