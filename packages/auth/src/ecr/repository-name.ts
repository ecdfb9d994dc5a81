import type { RepositoryArn } from '../aws/policy.js';
import type { EcrRegistry } from './hostname.js';

/**
 * How AWS calls the repository that stands so in references: in ECR Public the first part is the alias of
 * the account's registry, and not of the name.
 */
export function repositoryName(registry: EcrRegistry, repository: string): string {
  return registry.kind === 'private' ? repository : repository.slice(repository.indexOf('/') + 1);
}

/** The ARN of a repository, for policies; `publicAccount` has the alias, when it is one of ECR Public. */
export function repositoryArn(
  registry: EcrRegistry,
  repository: string,
  publicAccount: string,
): RepositoryArn {
  const name = repositoryName(registry, repository);
  if (registry.kind === 'public') return `arn:aws:ecr-public::${publicAccount}:repository/${name}`;
  const { partition, region, account } = registry;
  return `arn:${partition}:ecr:${region}:${account}:repository/${name}`;
}
