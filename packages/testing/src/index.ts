export type { AwsCall, AwsCalls, AwsService } from './aws/calls.js';
export type { Misbehaviour, WrongAnswer } from './aws/misbehaviour.js';
export type {
  AwsCredentials,
  AwsOptions,
  AwsRole,
  AwsUser,
  PrivateRegistryOptions,
  PrivateRepositoryOptions,
  PublicRegistryOptions,
  RateLimits,
} from './aws/options.js';
export type { PolicyDocument, PolicyStatement } from './aws/policy.js';
export { serveAws, startAws, type Aws, type OpenedSessionOptions } from './aws/serve.js';
export { ssoRoleArn } from './aws/sso/role-credentials.js';
export type { SsoRole, SsoUser } from './aws/sso/tokens.js';
export { startDockerEngine, type DockerEngine } from './docker-engine.js';
export { describeWithPeer, findPeer, type Peer } from './peer.js';
export { temporaryDirectory } from './temporary-directory.js';
