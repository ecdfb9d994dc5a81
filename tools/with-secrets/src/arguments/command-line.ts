import { parseArgs } from 'node:util';

import { didYouMean } from '@teleport-plugins/secrets/did-you-mean';

import { WithSecretsError } from '../error.js';

type ParsedToken = ReturnType<typeof tokensOf>[number];
type OptionToken = Extract<ParsedToken, { kind: 'option' }>;

/** The options that were given, and what follows them. */
export interface CommandLine {
  readonly flags: ReadonlySet<Flag>;
  /** Each value of each option, in order. */
  readonly values: ReadonlyMap<Valued, readonly string[]>;
  /** The command with its arguments: from the first word that is no option, or after `--`. */
  readonly command: readonly string[];
}

export type Flag = keyof typeof flags;
export type Valued = keyof typeof valued;

const flags = {
  'keep-env': { type: 'boolean' },
  'no-mask': { type: 'boolean' },
  list: { type: 'boolean' },
  json: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const valued = {
  sops: { type: 'string' },
  only: { type: 'string' },
  require: { type: 'string' },
  prefix: { type: 'string' },
  override: { type: 'string' },
  show: { type: 'string' },
} as const;

/**
 * Tells the options from the command, whose own options are nobody's business here.
 *
 * @throws WithSecretsError `command-line-invalid`
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const tokens = tokensOf(args);
  const end = tokens.findIndex(({ kind }) => kind !== 'option');
  const given = (end < 0 ? tokens : tokens.slice(0, end)) as readonly OptionToken[];
  const found = new Map<Valued, string[]>();
  const set = new Set<Flag>();
  for (const token of given) {
    if (isFlag(token.name)) {
      if (token.value !== undefined) throw invalid(`${token.rawName} takes no value`);
      set.add(token.name);
    } else if (isValued(token.name)) {
      found.set(token.name, [...(found.get(token.name) ?? []), valueOf(token)]);
    } else {
      const known = [...Object.keys(flags), ...Object.keys(valued)].map((name) => `--${name}`);
      throw invalid(`there is no option ${token.rawName}${didYouMean(token.rawName, known)}`);
    }
  }
  return { flags: set, values: found, command: commandFrom(args, tokens[end]) };
}

/** A complaint about the command line, with where to learn more. */
export function invalid(what: string): WithSecretsError {
  return new WithSecretsError('command-line-invalid', `${what}; see \`with-secrets --help\``);
}

function tokensOf(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: { ...flags, ...valued },
    // Each word is judged here: what comes after the command is not ours.
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

/** A word that looks like an option is one, unless it is written `--name=-value`. */
function valueOf({ value, inlineValue, rawName }: OptionToken): string {
  if (value === undefined || value === '' || (!inlineValue && value.startsWith('-'))) {
    throw invalid(`${rawName} needs a value`);
  }
  return value;
}

function commandFrom(args: readonly string[], end: ParsedToken | undefined): readonly string[] {
  if (end === undefined) return [];
  return args.slice(end.kind === 'option-terminator' ? end.index + 1 : end.index);
}

function isFlag(name: string): name is Flag {
  return Object.hasOwn(flags, name);
}

function isValued(name: string): name is Valued {
  return Object.hasOwn(valued, name);
}
