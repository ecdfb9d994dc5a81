import { RegistryError, type RegistryErrorCode, type RegistryErrorOptions } from '../error.js';

/** What a request is made for, as its errors tell it. */
export interface Task {
  /** The registry's `host[:port]`. */
  readonly registry: string;
  /** Continues "cannot …": `push blob sha256:… to acme/app`. */
  readonly act: string;
}

/**
 * `registry: cannot act: who did what; next`. The one who did it is the registry, or another host that
 * it pointed to (a token server, a storage).
 */
export function failed(
  code: RegistryErrorCode,
  task: Task,
  at: URL,
  what: string,
  next?: string,
  options?: RegistryErrorOptions,
): RegistryError {
  const who = isRegistry(task, at) ? 'the registry' : at.host;
  const message = `${task.registry}: cannot ${task.act}: ${who} ${what}`;
  return new RegistryError(code, next === undefined ? message : `${message}; ${next}`, options);
}

/** Whether it is the registry itself that a URL leads to. */
export function isRegistry(task: Task, url: URL): boolean {
  return new URL(`${url.protocol}//${task.registry}`).host === url.host;
}
