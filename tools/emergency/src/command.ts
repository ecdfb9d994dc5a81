import { parseArgs } from 'node:util';

import { processHost, type Host } from '@teleport-plugins/nx-release/host';

import { EmergencyError } from './error.js';

/** What a command is for, and what it is given. */
export interface Usage {
  readonly name: string;
  /** One sentence for `--help`. */
  readonly does: string;
  /** The words that it needs, in their order, with an example of each. */
  readonly operands: Readonly<Record<string, string>>;
}

/** What was asked for. */
export interface Request {
  /** As many as the command needs. */
  readonly operands: readonly string[];
  /** Of `release.config.json`. */
  readonly environment: string;
  /** For the target: `--dry-run`, and all that stands behind a `--`. */
  readonly rest: readonly string[];
}

/**
 * Runs a command and ends the process as it ended: with 0 or 1 as the target, with 2 when the command line is wrong, or
 * with 1 and a message.
 */
export async function command(
  usage: Usage,
  story: (request: Request, host: Host) => Promise<number>,
): Promise<void> {
  const host = processHost();
  try {
    const request = readCommandLine(usage, process.argv.slice(2));
    if (request === undefined) host.print(helpOf(usage));
    else process.exitCode = await story(request, host);
  } catch (thrown) {
    // Who was told to stop says so, and not what that broke.
    const error: unknown = host.signal.aborted ? host.signal.reason : thrown;
    host.printError(`✘ ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = error instanceof EmergencyError && error.code === 'usage' ? 2 : 1;
  } finally {
    await host.close();
  }
}

/** `undefined` when help is asked for. Throws EmergencyError `usage`. */
function readCommandLine(usage: Usage, words: readonly string[]): Request | undefined {
  const end = words.indexOf('--');
  const [own, rest] = end < 0 ? [words, []] : [words.slice(0, end), words.slice(end + 1)];
  const { values, positionals } = parsed(usage, own);
  if (values.help === true) return undefined;
  const names = Object.keys(usage.operands);
  if (positionals.length !== names.length) {
    throw wrong(usage, `expected ${names.join(' ')}, found ${positionals.join(' ') || 'nothing'}`);
  }
  return {
    operands: positionals,
    environment: values.environment,
    rest: [...(values['dry-run'] === true ? ['--dry-run'] : []), ...rest],
  };
}

function parsed(usage: Usage, own: readonly string[]) {
  try {
    return parseArgs({
      args: [...own],
      allowPositionals: true,
      options: {
        environment: { type: 'string', short: 'c', default: 'production' },
        'dry-run': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    // What Node adds about a -- is for commands that have no other use for it.
    const [what = ''] = (error as Error).message.split('. To specify');
    const isUnknown = (error as NodeJS.ErrnoException).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION';
    throw wrong(usage, isUnknown ? `${what}; options of the target stand behind a --` : what);
  }
}

function wrong(usage: Usage, what: string): EmergencyError {
  return new EmergencyError('usage', `${what}\n\n${helpOf(usage)}`);
}

function helpOf({ name, does, operands }: Usage): string {
  const names = Object.keys(operands);
  const options: readonly (readonly [string, string])[] = [
    ...Object.entries(operands).map(
      ([operand, example]) => [operand, `such as ${example}`] as const,
    ),
    ['-c, --environment NAME', 'of release.config.json; production by default'],
    ['--dry-run', 'show what would be written, and write nothing'],
    ['-- OPTION…', 'more options of the target: -- --mfa-code 123456'],
    ['-h, --help', 'print this'],
  ];
  const width = Math.max(...options.map(([option]) => option.length));
  const lines = options.map(([option, text]) => `  ${option.padEnd(width)}  ${text}`);
  return [`npx ${name} ${names.join(' ')} [options]`, '', does, '', ...lines].join('\n');
}
