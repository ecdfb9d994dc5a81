import { AwsFault } from '../fault.js';
import {
  authorize,
  authorizeRepository,
  checkNew,
  invalidParameter,
  repositoryIn,
  repositoryNameIn,
  textIn,
  type EcrCall,
  type EcrOperation,
} from './call.js';
import { addRepository, type EcrRegistry } from './registries.js';
import { commonOf, described } from './repositories.js';

/** The public registry that a call is about: the caller's own, when it names none. */
export function publicRegistryOf(call: EcrCall): EcrRegistry {
  const account = textIn(call, 'registryId') ?? call.principal.account;
  const registry = call.world.registries.public(account);
  if (registry) return registry;
  throw new AwsFault(
    { code: 'RegistryNotFoundException' },
    `The registry with id '${account}' does not exist`,
  );
}

/** https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_CreateRepository.html */
export const createPublicRepository: EcrOperation = (call) => {
  const registry = publicRegistryOf(call);
  const name = repositoryNameIn(call, 205);
  const catalog = call.parameters.catalogData === undefined ? undefined : catalogIn(call);
  authorizeRepository(call, 'ecr-public:CreateRepository', registry, name);
  checkNew(registry, name);
  const repository = addRepository(registry, { name, createdAt: call.world.now(), catalog });
  return { repository: commonOf(registry, repository), catalogData: catalog ?? {} };
};

export const describePublicRepositories: EcrOperation = (call) =>
  described(call, publicRegistryOf(call), 'ecr-public:DescribeRepositories', commonOf);

/** Replaces all that was there. */
export const putRepositoryCatalogData: EcrOperation = (call) => {
  const registry = publicRegistryOf(call);
  const name = repositoryNameIn(call, 205);
  const catalog = catalogIn(call);
  authorizeRepository(call, 'ecr-public:PutRepositoryCatalogData', registry, name);
  repositoryIn(registry, name).catalog = catalog;
  return { catalogData: catalog };
};

export const getRepositoryCatalogData: EcrOperation = (call) => {
  const registry = publicRegistryOf(call);
  const name = repositoryNameIn(call, 205);
  authorizeRepository(call, 'ecr-public:GetRepositoryCatalogData', registry, name);
  const { catalog } = repositoryIn(registry, name);
  if (catalog) return { catalogData: catalog };
  throw new AwsFault(
    { code: 'RepositoryCatalogDataNotFoundException' },
    `The catalog data of the repository with name '${name}' does not exist in the registry with id '${registry.account}'`,
  );
};

export const describeRegistries: EcrOperation = (call) => {
  authorize(call, 'ecr-public:DescribeRegistries', '*');
  const registry = call.world.registries.public(call.principal.account);
  if (!registry) return { registries: [] };
  const { account, host, prefix } = registry;
  const name = prefix.slice(0, -1);
  const flags = { primaryRegistryAlias: true, defaultRegistryAlias: false };
  return {
    registries: [
      {
        registryId: account,
        registryArn: `arn:aws:ecr-public::${account}:registry/${account}`,
        registryUri: `${host}/${name}`,
        verified: true,
        aliases: [{ name, status: 'ACTIVE', ...flags }],
      },
    ],
  };
};

const limits: Readonly<Record<string, number>> = {
  description: 1024,
  aboutText: 25_600,
  usageText: 25_600,
  architectures: 50,
  operatingSystems: 50,
  logoImageBlob: 700_000,
};

function catalogIn({ parameters }: EcrCall): Readonly<Record<string, unknown>> {
  const catalog = (parameters.catalogData ?? {}) as Readonly<Record<string, string | string[]>>;
  for (const [name, value] of Object.entries(catalog)) {
    const limit = limits[name];
    if (limit === undefined) throw invalidParameter(name, 'must be a member of catalogData');
    if (value.length > limit) {
      throw invalidParameter(name, `Member must have length less than or equal to ${limit}`);
    }
  }
  const { logoImageBlob, ...kept } = catalog;
  return { ...kept, ...(logoImageBlob && { logoUrl: 'https://example.invalid/logo.png' }) };
}
