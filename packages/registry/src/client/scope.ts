/**
 * What a token is asked for: `repository:acme/app:pull,push`.
 * https://distribution.github.io/distribution/spec/auth/scope/
 */
export type Scope = string;

export const pullFrom = (repository: string): Scope => `repository:${repository}:pull`;

export const pushTo = (repository: string): Scope => `repository:${repository}:pull,push`;

/** Whether these are about repositories; ECR Public has one scope, `aws`, for all of them. */
export function areOfRepositories(scopes: readonly Scope[]): boolean {
  return scopes.every((scope) => scope.startsWith('repository:'));
}

/** Whether a token for the granted scopes also serves for the wanted ones. */
export function covers(granted: readonly Scope[], wanted: readonly Scope[]): boolean {
  return wanted.every((want) => granted.some((grant) => coversOne(grant, want)));
}

/** Both, each once; what is covered by another is left out. */
export function union(one: readonly Scope[], other: readonly Scope[]): readonly Scope[] {
  const all = [...new Set([...one, ...other])].sort();
  return all.filter((scope) => !all.some((each) => each !== scope && coversOne(each, scope)));
}

function coversOne(grant: Scope, want: Scope): boolean {
  if (grant === want) return true;
  const granted = parts(grant);
  const wanted = parts(want);
  return (
    granted.resource === wanted.resource &&
    wanted.actions.every((action) => granted.actions.includes(action))
  );
}

function parts(scope: Scope): { readonly resource: string; readonly actions: readonly string[] } {
  const at = scope.lastIndexOf(':');
  return { resource: scope.slice(0, at), actions: scope.slice(at + 1).split(',') };
}
