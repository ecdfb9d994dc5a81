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
 * it pointed to (a token server, a storage). What the protocol does not know, where nothing better is
 * known to do about it, comes from something else than a registry.
 */
export function failed(
  code: RegistryErrorCode,
  task: Task,
  at: URL,
  what: string,
  next?: string,
  options?: RegistryErrorOptions,
): RegistryError {
  const isItself = isRegistry(task, at);
  const who = isItself ? 'the registry' : at.host;
  const message = `${task.registry}: cannot ${task.act}: ${who} ${what}`;
  const act = next ?? (code === 'garbage' ? checkAddress(task, isItself) : undefined);
  return new RegistryError(code, act === undefined ? message : `${message}; ${act}`, options);
}

function checkAddress({ registry }: Task, isItself: boolean): string {
  return isItself
    ? 'check that this is the address of a registry'
    : `check the address of the registry, ${registry}, which points there`;
}

/** Whether it is the registry itself that a URL leads to. */
export function isRegistry(task: Task, url: URL): boolean {
  return new URL(`${url.protocol}//${task.registry}`).host === url.host;
}
