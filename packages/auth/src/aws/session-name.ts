import { createHash } from 'node:crypto';

import type { Variables } from './variables.js';

export interface Actor {
  readonly variables: Variables;
  /** The name of the operating system's user. */
  readonly user: string;
}

/**
 * The name of a role's session: the build in CI (Drone, GitHub Actions), else the user. It stands in the
 * caller's ARN and so in CloudTrail. Of 2 to 64 characters that STS allows; one that is too long keeps its
 * ending, which has the number of the build, and gets a hash for what it loses.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function sessionName({ variables, user }: Actor): string {
  const read = (name: string) => variables[name] ?? '';
  if (read('DRONE_BUILD_NUMBER') !== '') {
    return clamped(`drone-${read('DRONE_REPO')}`, read('DRONE_BUILD_NUMBER'));
  }
  if (read('GITHUB_RUN_ID') !== '') {
    const run = [read('GITHUB_RUN_ID'), read('GITHUB_RUN_ATTEMPT')].filter((part) => part !== '');
    return clamped(`github-${read('GITHUB_REPOSITORY')}`, run.join('-'));
  }
  return clamped(user);
}

const longest = 64;

function clamped(start: string, ending?: string): string {
  const parts = ending === undefined ? [start] : [start, ending];
  const name = parts.map(allowed).join('-');
  if (name.length < 2) return `user-${name}`;
  if (name.length <= longest) return name;
  const hash = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 8);
  const kept = ending === undefined ? '' : `-${allowed(ending).slice(-24)}`;
  return `${allowed(start).slice(0, longest - kept.length - hash.length - 1)}-${hash}${kept}`;
}

function allowed(text: string): string {
  return text.replace(/[^\w+=,.@-]+/g, '-');
}
