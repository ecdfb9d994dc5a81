import { AwsFault } from '../fault.js';
import { deniedMessage, refusalOf, type Principal } from '../principals.js';
import type { World } from '../world.js';
import { repositoryArn, type EcrRegistry, type EcrRepository } from './registries.js';

/** A call of ECR's API, or of ECR Public's, by somebody who is known. */
export interface EcrCall {
  readonly world: World;
  readonly principal: Principal;
  /** Of ECR; the region of ECR Public is always the same. */
  readonly region: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export type EcrOperation = (call: EcrCall) => unknown;

/** Throws the fault that AWS answers when somebody may not do it. */
export function authorize({ principal }: EcrCall, action: string, resource: string): void {
  const wish = { action, resource };
  const policyKind = refusalOf(principal, wish);
  if (policyKind !== undefined) {
    throw new AwsFault('access-denied', deniedMessage(principal.arn, wish, policyKind));
  }
}

/** The same for a repository, which is another account's only when its own account lets others in. */
export function authorizeRepository(
  call: EcrCall,
  action: string,
  registry: EcrRegistry,
  name: string,
): void {
  const resource = repositoryArn(registry, name);
  authorize(call, action, resource);
  if (call.principal.account === registry.account) return;
  const wish = { action, resource };
  throw new AwsFault('access-denied', deniedMessage(call.principal.arn, wish, 'resource-based'));
}

export function textIn({ parameters }: EcrCall, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw invalidParameter(name, 'must be a string');
}

export function listIn({ parameters }: EcrCall, name: string): readonly unknown[] | undefined {
  const value = parameters[name];
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value as readonly unknown[];
  throw invalidParameter(name, 'must be a list');
}

/** The name of one repository, checked. */
export function repositoryNameIn(call: EcrCall, limit: number): string {
  const name = textIn(call, 'repositoryName') ?? '';
  const pattern = '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*';
  if (!new RegExp(`^${pattern}$`).test(name)) {
    throw invalidParameter('repositoryName', `must satisfy regular expression '${pattern}'`);
  }
  if (name.length < 2 || name.length > limit) {
    throw invalidParameter('repositoryName', `must have length between 2 and ${limit}`);
  }
  return name;
}

export function invalidParameter(name: string, constraint: string): AwsFault {
  return new AwsFault(
    { code: 'InvalidParameterException' },
    `Invalid parameter at '${name}' failed to satisfy constraint: '${constraint}'`,
  );
}

export function repositoryIn({ account, repositories }: EcrRegistry, name: string): EcrRepository {
  const found = repositories.get(name);
  if (found) return found;
  throw new AwsFault(
    { code: 'RepositoryNotFoundException' },
    `The repository with name '${name}' does not exist in the registry with id '${account}'`,
  );
}

export function checkNew({ account, repositories }: EcrRegistry, name: string): void {
  if (!repositories.has(name)) return;
  throw new AwsFault(
    { code: 'RepositoryAlreadyExistsException' },
    `The repository with name '${name}' already exists in the registry with id '${account}'`,
  );
}

/** A page of a list, with what asks for the next. */
export function pageOf<Entry>(
  call: EcrCall,
  entries: readonly Entry[],
): { readonly page: readonly Entry[]; readonly next: { readonly nextToken?: string } } {
  const first = Number(textIn(call, 'nextToken') ?? 0);
  const size = Number(call.parameters.maxResults ?? 100);
  if (!(size >= 1 && size <= 1000)) throw invalidParameter('maxResults', 'must be in 1..1000');
  const end = first + size;
  const next = end < entries.length ? { nextToken: String(end) } : {};
  return { page: entries.slice(first, end), next };
}

/** Seconds since 1970, with fractions: how JSON 1.1 writes times. */
export function seconds(date: Date): number {
  return date.getTime() / 1000;
}
