export type { Credential, CredentialProvider } from './credential.js';
export { RegistryError, type RegistryErrorCode, type RegistryErrorOptions } from './error.js';
