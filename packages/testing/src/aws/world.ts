import type { CallLog } from './calls.js';
import type { Distributions } from './cloudfront/distributions.js';
import type { Misbehaviours } from './misbehaviour.js';
import type { Principals } from './principals.js';
import type { Registries } from './ecr/registries.js';
import type { RegistryTokens } from './ecr/tokens.js';
import type { SsoTokens } from './sso/tokens.js';
import type { IdentityProvider } from './sts/identity-provider.js';

/** Everything that one AWS consists of. */
export interface World {
  readonly now: () => Date;
  readonly principals: Principals;
  readonly identityProvider: IdentityProvider;
  readonly ssoTokens: SsoTokens;
  readonly registryTokens: RegistryTokens;
  readonly registries: Registries;
  readonly distributions: Distributions;
  readonly misbehaviours: Misbehaviours;
  readonly log: CallLog;
}
