import type { Secret } from '@teleport-plugins/secrets';

import { AuthError } from '../error.js';
import type { HelperAnswer } from '../docker/helper.js';
import { shown } from '../shown.js';

/** What a credential helper has. */
export interface HelperStore {
  /** For a host; `undefined` for one that it knows nothing of. */
  credential(
    host: string,
  ): Promise<{ readonly username: string; readonly password: Secret } | undefined>;
  /** Obtains the credential anew when it is asked for next. */
  forget(host: string): Promise<void>;
  hosts(): Promise<readonly string[]>;
}

/** What a credential helper has been called with. */
export interface HelperCall {
  readonly args: readonly string[];
  /** All of its standard input. */
  readonly input: () => Promise<string>;
}

/** `complaint` is for the standard error, which docker passes on: it keeps the output of a failure to itself. */
interface HelperReply extends HelperAnswer {
  readonly complaint?: string;
}

/**
 * Answers as a credential helper of docker's does. `store` is accepted and does nothing, because what it
 * brings is a token that was handed out here, or one that this helper does better; `erase` forgets
 * what is cached. Errors are one line on the standard output, with exit code 1. Never throws.
 * https://github.com/docker/docker-credential-helpers/blob/v0.9.3/credentials/credentials.go
 */
export async function answerHelper(call: HelperCall, store: HelperStore): Promise<HelperReply> {
  try {
    return await answer(call, store);
  } catch (error) {
    const complaint = `${reason(error)}\n`;
    return { exitCode: 1, output: complaint, complaint };
  }
}

/** Docker knows this text, and goes on without a credential. */
const notFound = 'credentials not found in native keychain';

async function answer({ args, input }: HelperCall, store: HelperStore): Promise<HelperAnswer> {
  const [action = '', ...others] = args;
  if (action === '--help' || action === '-h') return { exitCode: 0, output: usage };
  if (others.length > 0) return { exitCode: 1, output: usage };
  switch (action) {
    case 'get': {
      const server = (await input()).trim();
      const found = await store.credential(hostOf(server));
      if (found === undefined) return { exitCode: 1, output: `${notFound}\n` };
      const { username, password } = found;
      const document = { ServerURL: server, Username: username, Secret: password.reveal() };
      return { exitCode: 0, output: `${JSON.stringify(document)}\n` };
    }
    case 'store':
      await input();
      return quietly;
    case 'erase':
      await store.forget(hostOf((await input()).trim())).catch(() => undefined);
      return quietly;
    case 'list': {
      const hosts = await store.hosts();
      const users = Object.fromEntries(hosts.map((host) => [host, 'AWS']));
      return { exitCode: 0, output: `${JSON.stringify(users)}\n` };
    }
    default:
      return { exitCode: 1, output: usage };
  }
}

const quietly: HelperAnswer = { exitCode: 0, output: '' };

const usage = `usage: docker-credential-teleport-release get|store|erase|list

Gives docker, podman and skopeo tokens for Amazon ECR. They call it for the registries that
\`npx nx run release:login\` has registered; \`npx nx run release:logout\` ends that.
`;

/** Clients say a host, or an address such as `https://host/v2/`. */
function hostOf(server: string): string {
  return server
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/.*$/s, '')
    .toLowerCase();
}

/** What is not one of ours may quote anything: nothing of it but its name. */
function reason(error: unknown): string {
  if (error instanceof AuthError) return error.message.replaceAll(/\s*\n\s*/g, ' ');
  const name = error instanceof Error ? error.name : typeof error;
  const { code } = error as NodeJS.ErrnoException;
  return `the credential helper failed unexpectedly (${shown([name, code].filter(Boolean).join(' '))}); run \`npx nx run release:login\` again`;
}
