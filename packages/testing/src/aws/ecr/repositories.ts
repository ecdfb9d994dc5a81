import {
  authorizeRepository,
  checkNew,
  invalidParameter,
  listIn,
  pageOf,
  repositoryIn,
  repositoryNameIn,
  seconds,
  textIn,
  type EcrCall,
  type EcrOperation,
} from './call.js';
import { addRepository, type EcrRegistry, type EcrRepository } from './registries.js';

/** The private registry that a call is about: the caller's own, when it names none. */
export function privateRegistryOf(call: EcrCall): EcrRegistry {
  const account = textIn(call, 'registryId') ?? call.principal.account;
  return call.world.registries.private(account, call.region);
}

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
export const createRepository: EcrOperation = (call) => {
  const registry = privateRegistryOf(call);
  const name = repositoryNameIn(call, 256);
  const mutability = textIn(call, 'imageTagMutability') ?? 'MUTABLE';
  if (!['MUTABLE', 'IMMUTABLE'].includes(mutability)) {
    throw invalidParameter(
      'imageTagMutability',
      'must satisfy enum value set: [IMMUTABLE, MUTABLE]',
    );
  }
  const { scanOnPush = false } = settingsIn(call, 'imageScanningConfiguration');
  const { encryptionType = 'AES256', kmsKey } = settingsIn(call, 'encryptionConfiguration');
  if (encryptionType !== 'AES256' && encryptionType !== 'KMS') {
    throw invalidParameter('encryptionType', 'must satisfy enum value set: [AES256, KMS]');
  }
  authorizeRepository(call, 'ecr:CreateRepository', registry, name);
  checkNew(registry, name);
  const repository = addRepository(registry, {
    name,
    createdAt: call.world.now(),
    immutable: mutability === 'IMMUTABLE',
    scanOnPush: scanOnPush === true,
    encryption: { encryptionType, ...(kmsKey !== undefined && { kmsKey }) },
  });
  return { repository: privateRepository(registry, repository) };
};

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html */
export const describeRepositories: EcrOperation = (call) =>
  described(call, privateRegistryOf(call), 'ecr:DescribeRepositories', privateRepository);

/** Those that are named, or a page of all. */
export function described(
  call: EcrCall,
  registry: EcrRegistry,
  action: string,
  describe: (registry: EcrRegistry, repository: EcrRepository) => unknown,
): unknown {
  const names = listIn(call, 'repositoryNames')?.map(String);
  for (const name of names ?? ['*']) authorizeRepository(call, action, registry, name);
  if (names) {
    return { repositories: names.map((name) => describe(registry, repositoryIn(registry, name))) };
  }
  const { page, next } = pageOf(call, [...registry.repositories.values()]);
  return { repositories: page.map((repository) => describe(registry, repository)), ...next };
}

/** What ECR and ECR Public both say of a repository. */
export function commonOf(registry: EcrRegistry, { name, arn, createdAt }: EcrRepository) {
  return {
    repositoryArn: arn,
    registryId: registry.account,
    repositoryName: name,
    repositoryUri: `${registry.host}/${registry.prefix}${name}`,
    createdAt: seconds(createdAt),
  };
}

function privateRepository(registry: EcrRegistry, repository: EcrRepository): unknown {
  return {
    ...commonOf(registry, repository),
    imageTagMutability: repository.immutable ? 'IMMUTABLE' : 'MUTABLE',
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: repository.encryption,
  };
}

function settingsIn(call: EcrCall, name: string): Readonly<Record<string, unknown>> {
  return (call.parameters[name] ?? {}) as Readonly<Record<string, unknown>>;
}
