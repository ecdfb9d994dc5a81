import { areOfRepositories, covers, union, type Scope } from './scope.js';

/**
 * The scopes that the registry says it wants, beside those that we know of: a registry may call its
 * repositories otherwise than its addresses do, or have one scope for everything.
 */
export function askedScopes() {
  const extra = new Map<string, readonly Scope[]>();
  let common: readonly Scope[] | undefined;
  const wantedFor = (scopes: readonly Scope[]) =>
    common ?? union(scopes, extra.get(scopes.join(' ')) ?? []);
  return {
    for: wantedFor,
    /** Whether anything more is wanted now than before. */
    learn(scopes: readonly Scope[], asked: string | undefined): boolean {
      const wanted = (asked ?? '').split(' ').filter((scope) => scope !== '');
      if (covers(wantedFor(scopes), wanted)) return false;
      if (areOfRepositories(wanted)) extra.set(scopes.join(' '), wanted);
      else common = wanted;
      return true;
    },
  };
}
