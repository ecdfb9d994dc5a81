export type { ProxyOptions, Timeouts } from './client/agents.js';
export {
  openRegistry,
  type Registry,
  type RegistryOptions,
  type RepositoryOptions,
} from './client/registry.js';
export type { RemoteRepository } from './client/repository.js';
export type { Traffic } from './client/transport.js';
export { copyGraph, type CopyOptions, type CopyResult } from './copy/copy.js';
export type { CopyAction, CopyEvent, Tally } from './copy/events.js';
export type { Referrers } from './copy/graph.js';
export { planCopy, type CopyPlan, type CopyPlanOptions, type PlannedNode } from './copy/plan.js';
export { moveTag, tagOnce } from './copy/tags.js';
export { verifyCopied, type VerifiedCopy, type VerifyOptions } from './copy/verify.js';
export type { Credential, CredentialOptions, CredentialProvider } from './credential.js';
export { RegistryError, type RegistryErrorCode, type RegistryErrorOptions } from './error.js';
export { serveRegistry, type RegistryServer, type RegistryServerOptions } from './server/serve.js';
export type { ServedRequest } from './server/respond.js';
