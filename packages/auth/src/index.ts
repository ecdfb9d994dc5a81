export { proxyAgentFor } from './aws/agent.js';
export { assumedRole } from './aws/assumed-role.js';
export { openAws, type AccessKey, type Aws, type AwsOptions } from './aws/aws.js';
export type { ClientSettings, ConnectionOptions } from './aws/connection.js';
export type { AwsCredentials } from './aws/credentials.js';
export { awsEndpoints, type AwsEndpoints } from './aws/endpoints.js';
export {
  sessionPolicy,
  type ObjectsArn,
  type PolicyDocument,
  type PolicyNeeds,
  type PolicyStatement,
  type RepositoryArn,
} from './aws/policy.js';
export { sessionName, type Actor } from './aws/session-name.js';
export type {
  AssumedRole,
  AwsIdentity,
  AwsSession,
  AwsSessionOptions,
  SessionDeed,
} from './aws/session.js';
export { tokenCache, type TokenCache, type TokenCacheOptions } from './cache/token-cache.js';
export { proxiesIn, variableIn } from './aws/variables.js';
export {
  dockerCredentials,
  type DockerCredentials,
  type DockerCredentialsOptions,
} from './docker/credentials.js';
export type { HelperAnswer, HelperRequest, RunHelper } from './docker/helper.js';
export type { Catalog } from './ecr/catalog.js';
export { ecrPublicHost, ecrRegistryOf, partitionOf, type EcrRegistry } from './ecr/hostname.js';
export { ecrRepositories, type CreateOptions, type EcrRepositories } from './ecr/repositories.js';
export { repositoryArn } from './ecr/repository-name.js';
export type { EcrToken } from './ecr/request-token.js';
export {
  ecrCredentials,
  type EcrCredentials,
  type EcrCredentialsOptions,
  type EcrTokenCache,
  type TokenWish,
} from './ecr/tokens.js';
export { AuthError, type AuthErrorCode } from './error.js';
export { helperConfigs, placesOf, type Places } from './helper/places.js';
export { answerHelper } from './helper/protocol.js';
export { registeredToken } from './helper/registered-token.js';
export type { Registration } from './helper/registration.js';
export { readRegistrations } from './helper/registrations.js';
export {
  helperName,
  planRemoval,
  planSetUp,
  removeHelper,
  setUpHelper,
  type FileChange,
  type HelperFiles,
  type WantedRegistrations,
} from './helper/setup.js';
export { helperStore } from './helper/store.js';
