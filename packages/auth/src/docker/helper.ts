import type { Credential } from '@teleport-plugins/registry';
import { Secret } from '@teleport-plugins/secrets';

import { AuthError } from '../error.js';
import { fault, member, parseObject, stringOf, type Place } from './json.js';
import { shown } from '../shown.js';

/** A run of a credential helper with the one argument `get`. */
export interface HelperRequest {
  /** `docker-credential-…`: a name, not a path. */
  readonly program: string;
  /** For its standard input: the registry. */
  readonly input: string;
  /** Aborted when the answer is no longer wanted, or the time for it is over. */
  readonly signal: AbortSignal;
}

export interface HelperAnswer {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** Its standard output. */
  readonly output: string;
}

/** Runs a program to its end. Resolves to `undefined` when there is no such program. */
export type RunHelper = (request: HelperRequest) => Promise<HelperAnswer | undefined>;

export interface Question {
  /** The name without `docker-credential-`. */
  readonly helper: string;
  /** What the helper is asked for: a host, or the address that docker has for Docker Hub. */
  readonly server: string;
  /** Where the helper is named: file and key. */
  readonly where: string;
  /** In milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * Asks a credential helper. Throws `helper-missing`, `helper-failed`, `helper-timeout`,
 * `helper-answer-invalid`, or the signal's reason.
 * https://github.com/docker/docker-credential-helpers#development
 */
export async function askHelper(
  run: RunHelper,
  question: Question,
): Promise<Credential | undefined> {
  const { server, where } = question;
  const program = `docker-credential-${question.helper}`;
  const named = `${program} (${where})`;
  const answer = await answerOf(run, program, named, question);
  if (answer === undefined) {
    throw new AuthError(
      'helper-missing',
      `${named}: the program is not on the PATH; install it, or remove the entry and log in to ${server} again`,
    );
  }
  const { exitCode, output } = answer;
  if (exitCode === 0) {
    return credentialIn(output, {
      where: `${named}: the answer for ${server}`,
      code: 'helper-answer-invalid',
    });
  }
  if (output.trim() === notFound) return undefined;
  const ending = exitCode === null ? 'was ended by a signal' : `ended with ${exitCode}`;
  throw new AuthError(
    'helper-failed',
    `${named}: it ${ending} when asked for ${server}${complaint(output)}; log in to ${server} again`,
  );
}

/** https://github.com/docker/docker-credential-helpers/blob/v0.9.3/credentials/error.go */
const notFound = 'credentials not found in native keychain';

/** The user name that says that the secret is an identity token. */
const tokenUser = '<token>';

async function answerOf(
  run: RunHelper,
  program: string,
  named: string,
  { server, timeout, signal }: Question,
): Promise<HelperAnswer | undefined> {
  const deadline = AbortSignal.timeout(timeout);
  try {
    const request = { program, input: server, signal: AbortSignal.any([signal, deadline]) };
    return await run(request);
  } catch (cause) {
    signal.throwIfAborted();
    if (deadline.aborted) {
      throw new AuthError(
        'helper-timeout',
        `${named}: no answer for ${server} within ${timeout / 1000} s; it may wait for somebody to unlock its store`,
      );
    }
    if (cause instanceof AuthError) throw cause;
    throw new AuthError('helper-failed', `${named}: it could not be run`, { cause });
  }
}

function credentialIn(output: string, place: Place): Credential | undefined {
  const answer = parseObject(output, place);
  const username = member(answer, 'Username', stringOf, place) ?? '';
  const secret = member(answer, 'Secret', stringOf, place) ?? '';
  if (username === '' && secret === '') return undefined;
  if (username === '' || secret === '') {
    throw fault(place, `it has no ${username === '' ? 'Username' : 'Secret'}`);
  }
  if (username === tokenUser) return { kind: 'identity', token: new Secret(secret) };
  return { kind: 'basic', username, password: new Secret(secret) };
}

/**
 * The first line of what a helper says about its failure. Where that looks like an answer all the same,
 * nothing of it: it may hold the secret.
 */
function complaint(output: string): string {
  const [line = ''] = output.trim().split('\n');
  return line === '' || /[{}]|secret"/i.test(output) ? '' : ` (${shown(line)})`;
}
