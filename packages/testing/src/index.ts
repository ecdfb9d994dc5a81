export type { AwsCall, AwsCalls, AwsService } from './aws/calls.js';
export type { Misbehaviour, WrongAnswer } from './aws/misbehaviour.js';
export type {
  AwsCredentials,
  AwsOptions,
  AwsRole,
  AwsUser,
  DistributionOptions,
  PrivateRegistryOptions,
  PrivateRepositoryOptions,
  PublicRegistryOptions,
  RateLimits,
} from './aws/options.js';
export type { PolicyDocument, PolicyStatement } from './aws/policy.js';
export { serveAws, startAws, type Aws, type OpenedSessionOptions } from './aws/serve.js';
export { ssoRoleArn } from './aws/sso/role-credentials.js';
export type { SsoRole, SsoUser } from './aws/sso/tokens.js';
export { bundledProgram } from './bundled-program.js';
export { startDockerEngine, type DockerEngine } from './docker-engine.js';
export { faultyProcess, type Fault, type FaultyProcess } from './faulty-process.js';
export { describeWithPeer, findPeer, type Peer } from './peer.js';
export { freePort } from './free-port.js';
export { temporaryDirectory } from './temporary-directory.js';
export { treeOf } from './tree.js';
export type { S3Misbehaviour } from './s3/misbehaviour.js';
export type { S3Options } from './s3/options.js';
export { serveS3, startS3, type S3 } from './s3/serve.js';
export { cloneWorkspace, type Clone, type RunOptions, type Running } from './workspace/clone.js';
