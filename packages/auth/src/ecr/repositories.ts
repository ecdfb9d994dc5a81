import type { CreateRepositoryCommandInput as PrivateInput } from '@aws-sdk/client-ecr';

import type { AwsSession } from '../aws/session.js';
import { privateClient, publicClient, sending, type PrivateRegistry } from './client.js';
import { catalogData, type Catalog } from './catalog.js';
import type { EcrRegistry } from './hostname.js';
import { repositoryName } from './repository-name.js';

export interface CreateOptions {
  /** Of a private repository. Default: true. */
  readonly scanOnPush?: boolean | undefined;
  /** Of a private repository: `AES256`, `KMS` with the key that AWS has for it, or the ARN of a key. */
  readonly encryption?: string | undefined;
  /** Of a public repository. */
  readonly catalog?: Catalog | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The repositories of a registry of Amazon's, which pushing does not create. */
export interface EcrRepositories {
  /** Whether there is one of that name, as it stands in references. */
  exists(repository: string, options?: { readonly signal?: AbortSignal }): Promise<boolean>;
  /**
   * Creates it: a private one with tags that never move. Resolves to whether it did: one that is there is
   * left as it is. Throws `access-denied`, which names the action that is missing.
   */
  create(repository: string, options?: CreateOptions): Promise<boolean>;
}

/** Throws AuthError: what the session's `perform` does. */
export function ecrRepositories(session: AwsSession, registry: EcrRegistry): EcrRepositories {
  const isPublic = registry.kind === 'public';
  const deed = (action: string, repository: string) => ({
    action: `${isPublic ? 'ecr-public' : 'ecr'}:${action}`,
    resource: repository,
  });

  return {
    async exists(repository, { signal } = {}) {
      const name = repositoryName(registry, repository);
      const ask = () =>
        isPublic
          ? describePublic(session, name, signal)
          : describePrivate(session, registry, name, signal);
      return session.perform(
        deed('DescribeRepositories', repository),
        () => unless('RepositoryNotFoundException', ask),
        signal,
      );
    },
    async create(repository, options = {}) {
      const name = repositoryName(registry, repository);
      const ask = () =>
        isPublic
          ? createPublic(session, name, options)
          : createPrivate(session, registry, name, options);
      return session.perform(
        deed('CreateRepository', repository),
        () => unless('RepositoryAlreadyExistsException', ask),
        options.signal,
      );
    },
  };
}

/** Whether it was done, or the error of that name says that there was nothing to do. */
async function unless(name: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if ((error as { name?: unknown }).name === name) return false;
    throw error;
  }
}

async function describePrivate(
  session: AwsSession,
  registry: PrivateRegistry,
  name: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const { DescribeRepositoriesCommand } = await import('@aws-sdk/client-ecr');
  const client = await privateClient(session, registry);
  const { account: registryId } = registry;
  const command = new DescribeRepositoriesCommand({ registryId, repositoryNames: [name] });
  return client.send(command, sending(signal));
}

async function describePublic(
  session: AwsSession,
  name: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const { DescribeRepositoriesCommand } = await import('@aws-sdk/client-ecr-public');
  const client = await publicClient(session);
  return client.send(new DescribeRepositoriesCommand({ repositoryNames: [name] }), sending(signal));
}

async function createPrivate(
  session: AwsSession,
  registry: PrivateRegistry,
  name: string,
  { scanOnPush = true, encryption = 'AES256', signal }: CreateOptions,
): Promise<unknown> {
  const { CreateRepositoryCommand } = await import('@aws-sdk/client-ecr');
  const client = await privateClient(session, registry);
  const encryptionConfiguration: PrivateInput['encryptionConfiguration'] =
    encryption === 'AES256' || encryption === 'KMS'
      ? { encryptionType: encryption }
      : { encryptionType: 'KMS', kmsKey: encryption };
  const command = new CreateRepositoryCommand({
    registryId: registry.account,
    repositoryName: name,
    imageTagMutability: 'IMMUTABLE',
    imageScanningConfiguration: { scanOnPush },
    encryptionConfiguration,
  });
  return client.send(command, sending(signal));
}

async function createPublic(
  session: AwsSession,
  name: string,
  { catalog = {}, signal }: CreateOptions,
): Promise<unknown> {
  const { CreateRepositoryCommand } = await import('@aws-sdk/client-ecr-public');
  const client = await publicClient(session);
  const command = new CreateRepositoryCommand({
    repositoryName: name,
    catalogData: catalogData(catalog),
  });
  return client.send(command, sending(signal));
}
