export {
  dockerCredentials,
  type DockerCredentials,
  type DockerCredentialsOptions,
} from './docker/credentials.js';
export type { HelperAnswer, HelperRequest, RunHelper } from './docker/helper.js';
export { AuthError, type AuthErrorCode } from './error.js';
