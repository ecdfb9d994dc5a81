export { announceSecrets } from './announce.js';
export { SecretsError, type SecretsErrorCode } from './error.js';
export { Secret } from './secret.js';
