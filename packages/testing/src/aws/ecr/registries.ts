import type { AwsOptions, PublicRegistryOptions } from '../options.js';

/** The repositories of an account: in a region, or public. */
export interface EcrRegistry {
  readonly account: string;
  /** `undefined` for ECR Public. */
  readonly region: string | undefined;
  /** What stands before the name of a repository in addresses: `gravitational/` in ECR Public. */
  readonly prefix: string;
  /** `host[:port]` in addresses of repositories. */
  host: string;
  /** The registry that keeps the images. */
  readonly upstream: string | undefined;
  readonly repositories: Map<string, EcrRepository>;
}

export interface EcrRepository {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly immutable: boolean;
  readonly scanOnPush: boolean;
  readonly encryption: Readonly<Record<string, unknown>>;
  /** Of ECR Public. */
  catalog: Readonly<Record<string, unknown>> | undefined;
}

export interface Registries {
  private(account: string, region: string): EcrRegistry;
  public(account: string): EcrRegistry | undefined;
  /** By the first part of the name of a repository in ECR Public. */
  publicByAlias(alias: string): EcrRegistry | undefined;
}

export function registriesOf(options: AwsOptions, now: () => Date): Registries {
  const privates = new Map<string, EcrRegistry>();
  const publics = publicRegistries(options.publicRegistry, now);
  const addPrivate = (account: string, region: string, upstream?: string) => {
    const registry: EcrRegistry = {
      ...{ account, region, prefix: '', upstream, repositories: new Map() },
      host: `${account}.dkr.ecr.${region}.amazonaws.com`,
    };
    privates.set(`${account}/${region}`, registry);
    return registry;
  };
  for (const { account, region, upstream, repositories = [] } of options.privateRegistries ?? []) {
    const registry = addPrivate(account, region, upstream);
    for (const { name, immutable = true } of repositories) {
      addRepository(registry, { name, immutable, createdAt: now() });
    }
  }
  return {
    private: (account, region) =>
      privates.get(`${account}/${region}`) ?? addPrivate(account, region),
    public: (account) => publics.find((registry) => registry.account === account),
    publicByAlias: (alias) => publics.find(({ prefix }) => prefix === `${alias}/`),
  };
}

export function addRepository(
  registry: EcrRegistry,
  settings: Pick<EcrRepository, 'name' | 'createdAt'> & Partial<EcrRepository>,
): EcrRepository {
  const repository: EcrRepository = {
    arn: repositoryArn(registry, settings.name),
    immutable: false,
    scanOnPush: false,
    encryption: { encryptionType: 'AES256' },
    catalog: undefined,
    ...settings,
  };
  registry.repositories.set(repository.name, repository);
  return repository;
}

/** Also of one that does not exist. */
export function repositoryArn({ account, region }: EcrRegistry, name: string): string {
  const service = region === undefined ? 'ecr-public:' : `ecr:${region}`;
  return `arn:${partitionOf(region)}:${service}:${account}:repository/${name}`;
}

function partitionOf(region = ''): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return region.startsWith('eusc-') ? 'aws-eusc' : 'aws';
}

function publicRegistries(
  options: PublicRegistryOptions | undefined,
  now: () => Date,
): readonly EcrRegistry[] {
  return (options?.registries ?? []).map(({ account, alias, repositories = [] }) => {
    const registry: EcrRegistry = {
      ...{ account, region: undefined, prefix: `${alias}/`, upstream: options?.upstream },
      ...{ host: 'public.ecr.aws', repositories: new Map() },
    };
    for (const name of repositories) addRepository(registry, { name, createdAt: now() });
    return registry;
  });
}
