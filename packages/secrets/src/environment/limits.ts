import { SecretsError } from '../error.js';
import type { Secret } from '../secret.js';
import type { Environment } from './selection.js';

/** In bytes, of `NAME=value` and the NUL behind it: MAX_ARG_STRLEN of https://man7.org/linux/man-pages/man2/execve.2.html */
const largestVariable = 128 * 1024;

/** In bytes, of all variables and arguments with a pointer to each: a quarter of a stack of 8 MiB, likewise. */
const largestEnvironment = 2 * 1024 * 1024;

/** In bytes: what is left for arguments. */
const reserve = 128 * 1024;

/**
 * What no program can be started with is found before it is tried, while it is known which variable it is.
 *
 * @throws SecretsError `value-invalid` or `environment-too-large`
 */
export function checkLimits(variables: ReadonlyMap<string, Secret>, existing: Environment): void {
  for (const [name, secret] of variables) {
    if (secret.reveal().includes('\0')) {
      throw new SecretsError('value-invalid', `${name} holds a NUL, which no variable can`);
    }
    const size = sizeOf(name, secret.reveal());
    if (size > largestVariable) throw tooLarge(`${name} has ${size} bytes`, largestVariable);
  }
  const others = Object.entries(existing).filter(([name]) => !variables.has(name));
  const sizes = [
    ...others.map(([name, value = '']) => sizeOf(name, value)),
    ...[...variables].map(([name, secret]) => sizeOf(name, secret.reveal())),
  ];
  const total = sizes.reduce((sum, size) => sum + size + pointer, 0);
  const most = largestEnvironment - reserve;
  if (total > most) {
    throw tooLarge(
      `${[...variables.keys()].join(', ')} and what is there have ${total} bytes`,
      most,
    );
  }
}

const pointer = 8;

function sizeOf(name: string, value: string): number {
  return Buffer.byteLength(name) + '='.length + Buffer.byteLength(value) + 1;
}

function tooLarge(what: string, most: number): SecretsError {
  return new SecretsError(
    'environment-too-large',
    `${what}, more than the ${most} that a program can be started with; select fewer with --only`,
  );
}
