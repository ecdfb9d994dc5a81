import { ReleaseError } from '../error.js';
import { checked, type Decoder, integer, refused } from '../json/decode.js';
import { list } from '../json/list.js';
import { object, optional, required } from '../json/object.js';
import { override, type Setting, setting, type Surroundings } from '../setting.js';
import {
  formatStore,
  parseStore,
  parseStoreOverride,
  type StoreEndpoint,
  storeExpected,
} from '../store.js';
import {
  type DeclaredSigningKey,
  isSameKey,
  signingKey,
  type SigningKey,
  signingKeyOf,
} from './signing-key.js';

export type TerraformRole = 'staging' | 'production';

/** A static Terraform registry. */
export interface TerraformRegistrySettings {
  /** The host in the addresses of its providers, `host/namespace/type`: Terraform looks for it at `https://host`. */
  readonly host: string;
  readonly store: StoreEndpoint;
  /** Where the `serve` target offers it on 127.0.0.1, when the store is a folder. */
  readonly port: number | undefined;
  /** Clients try them in this order. A second one is there for a rotation. */
  readonly signingKeys: readonly SigningKey[];
}

/** The `terraform` block as the configuration has it. */
export type DeclaredTerraform = Readonly<Record<TerraformRole, DeclaredTerraformRegistry>>;

interface DeclaredTerraformRegistry {
  readonly host: Setting<string>;
  readonly store: Setting<StoreEndpoint>;
  readonly port: number | undefined;
  readonly signingKeys: readonly DeclaredSigningKey[];
}

const storeVariables: Readonly<Record<TerraformRole, string>> = {
  staging: 'RELEASE_TERRAFORM_STAGING_URL',
  production: 'RELEASE_TERRAFORM_PRODUCTION_URL',
};

export function declaredTerraform(workspaceRoot: string): Decoder<DeclaredTerraform> {
  const registry = required(
    object('a Terraform registry: { "host", "store", "port", "signingKeys" }', {
      host: required(host),
      store: required(setting(storeExpected, (text) => parseStore(workspaceRoot, text))),
      port: optional(
        integer('a port between 1 and 65535', { minimum: 1, maximum: 65535 }),
        undefined,
      ),
      signingKeys: required(
        list('an array of one key, or two for a rotation', signingKey, {
          minimum: 1,
          maximum: 2,
          same: (a, b) => a === b || isSameKey(a, b),
        }),
      ),
    }),
  );
  return checked(
    object('Terraform registries: { "staging", "production" }', {
      staging: registry,
      production: registry,
    }),
    ({ staging, production }, place) => {
      // What staging has signed would be taken for what was released.
      const repeated = [...production.signingKeys.keys()].filter((index) =>
        staging.signingKeys.some((each) => isSameKey(each, production.signingKeys[index] ?? each)),
      );
      for (const index of repeated) {
        place
          .at('production', 'signingKeys', index)
          .refuse('expected another key than staging has');
      }
      return repeated.length === 0 ? undefined : refused;
    },
  );
}

/**
 * Throws `variable-missing` and `variable-invalid`, and `config-invalid` when staging and production are in one
 * place.
 */
export function terraformOf(
  environment: string,
  declared: DeclaredTerraform,
  role: TerraformRole,
  { workspaceRoot, variables }: Surroundings,
): TerraformRegistrySettings {
  const storeOf = (one: TerraformRole): StoreEndpoint =>
    override(variables, storeVariables[one], storeExpected, (text) =>
      parseStoreOverride(workspaceRoot, text),
    ) ?? declared[one].store.read(variables);
  const isKnown = (one: TerraformRole) =>
    variables[storeVariables[one]] !== undefined || declared[one].store.isSet(variables);
  const { host, port, signingKeys } = declared[role];
  const store = storeOf(role);
  const other = role === 'staging' ? 'production' : 'staging';
  if (isKnown(other) && formatStore(storeOf(other)) === formatStore(store)) {
    throw new ReleaseError(
      'config-invalid',
      `environment ${environment}: the Terraform registries of staging and production are both ${formatStore(store)}; ` +
        'what is staged would be released at once, so give them different buckets, prefixes or folders',
    );
  }
  return {
    host: host.read(variables),
    store,
    port,
    signingKeys: signingKeys.map((key) => signingKeyOf(key, variables)),
  };
}

const host = setting('a host such as "terraform.releases.teleport.dev"', (name) =>
  name.length <= 253 && hostName.test(name) ? name : undefined,
);

const hostName = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/;
