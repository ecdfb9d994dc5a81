import { type AwsSettings, awsOf, type DeclaredAws, declaredAws } from './aws/settings.js';
import { type BaseChoice, baseExpected, parseBase } from './base.js';
import {
  parseRemote,
  type RegistryEndpoint,
  registryEndpoint,
  remoteExpected,
  sameRepositories,
} from './endpoint.js';
import { ReleaseError } from './error.js';
import {
  boolean,
  checked,
  type Decoder,
  type Place,
  type Refused,
  refused,
} from './json/decode.js';
import { object, optional, required } from './json/object.js';
import { override, type Setting, setting, type Surroundings } from './setting.js';
import { parseStore, parseStoreOverride, type StoreEndpoint, storeExpected } from './store.js';
import {
  type DeclaredTerraform,
  declaredTerraform,
  type TerraformRegistrySettings,
  terraformOf,
  type TerraformRole,
} from './terraform/settings.js';

export type RegistryRole = 'staging' | 'public';

/** Where a release goes. What it holds is read when it is asked for, so that only what is used must be set. */
export interface Environment {
  readonly name: string;
  /** Whether steps that write insist on a clean checkout of the release tag. */
  readonly protected: boolean;
  /**
   * A registry: what RELEASE_STAGING_REGISTRY or RELEASE_PUBLIC_REGISTRY says, or else the
   * configuration. Throws `variable-missing`, `variable-invalid`, and `config-invalid` when staging and
   * public are one place.
   */
  registry(role: RegistryRole): RegistryEndpoint;
  /**
   * The registry that the configuration says, whatever the variables say that replace it; `undefined`
   * when a variable that it names is not set. Throws `variable-invalid`.
   */
  declaredRegistry(role: RegistryRole): RegistryEndpoint | undefined;
  /**
   * The AWS account, if the environment has one: without it RELEASE_WRITE_ROLE and RELEASE_READ_ROLE say
   * nothing. Throws `variable-missing` and `variable-invalid`.
   */
  aws(): AwsSettings | undefined;
  /** RELEASE_BASE_IMAGE, or else the configuration. Throws `variable-missing` and `variable-invalid`. */
  base(): BaseChoice;
  /**
   * Where the archives of Terraform providers are: RELEASE_ARTIFACTS_URL, or else the configuration;
   * `undefined` where neither says so. Throws `variable-missing` and `variable-invalid`.
   */
  artifacts(): StoreEndpoint | undefined;
  /**
   * A Terraform registry, if the environment declares them. RELEASE_TERRAFORM_STAGING_URL and
   * RELEASE_TERRAFORM_PRODUCTION_URL replace their stores. Throws `variable-missing`, `variable-invalid`, and
   * `config-invalid` when staging and production are one place.
   */
  terraform(role: TerraformRole): TerraformRegistrySettings | undefined;
}

/** An environment as the configuration declares it. */
export interface DeclaredEnvironment {
  readonly protected: boolean;
  readonly registries: Readonly<Record<RegistryRole, Setting<RegistryEndpoint>>>;
  readonly base: Setting<BaseChoice>;
  readonly aws: DeclaredAws | undefined;
  readonly artifacts: Setting<StoreEndpoint> | undefined;
  readonly terraform: DeclaredTerraform | undefined;
}

const registryVariables: Readonly<Record<RegistryRole, string>> = {
  staging: 'RELEASE_STAGING_REGISTRY',
  public: 'RELEASE_PUBLIC_REGISTRY',
};

const baseVariable = 'RELEASE_BASE_IMAGE';
const artifactsVariable = 'RELEASE_ARTIFACTS_URL';

export function declaredEnvironment(workspaceRoot: string): Decoder<DeclaredEnvironment> {
  const registry = required(registryEndpoint(workspaceRoot));
  const decoder = object('an environment: { "registries", "base" }', {
    protected: optional(boolean('true or false'), false),
    registries: required(
      object('registries: { "staging", "public" }', { staging: registry, public: registry }),
    ),
    base: required(setting(baseExpected, parseBase)),
    aws: optional(declaredAws(), undefined),
    artifacts: optional(
      setting(storeExpected, (text) => parseStore(workspaceRoot, text)),
      undefined,
    ),
    terraform: optional(declaredTerraform(workspaceRoot), undefined),
  });
  return checked(
    decoder,
    (declared, place) => refuseSharedPort(place) ?? refuseThrowaway(declared, place),
  );
}

export function environmentOf(
  name: string,
  declared: DeclaredEnvironment,
  surroundings: Surroundings,
): Environment {
  const { workspaceRoot, variables } = surroundings;
  const read = (role: RegistryRole): RegistryEndpoint =>
    override(variables, registryVariables[role], remoteExpected, parseRemote) ??
    declared.registries[role].read(variables);
  const isKnown = (role: RegistryRole): boolean =>
    variables[registryVariables[role]] !== undefined || declared.registries[role].isSet(variables);
  return {
    name,
    protected: declared.protected,
    registry: (role) => {
      const endpoint = read(role);
      const other = role === 'staging' ? 'public' : 'staging';
      if (isKnown(other) && sameRepositories(endpoint, read(other))) {
        const where = endpoint.kind === 'remote' ? endpoint.host : endpoint.directory;
        throw new ReleaseError(
          'config-invalid',
          `environment ${name}: staging and public are both ${where}/${endpoint.namespace}; ` +
            'what is staged would be public at once, so give them different registries or namespaces',
        );
      }
      return endpoint;
    },
    declaredRegistry: (role) =>
      declared.registries[role].isSet(variables)
        ? declared.registries[role].read(variables)
        : undefined,
    aws: () => declared.aws && awsOf(name, declared.aws, variables),
    base: () =>
      override(variables, baseVariable, baseExpected, parseBase) ?? declared.base.read(variables),
    artifacts: () =>
      override(variables, artifactsVariable, storeExpected, (text) =>
        parseStoreOverride(workspaceRoot, text),
      ) ?? declared.artifacts?.read(variables),
    terraform: (role) =>
      declared.terraform && terraformOf(name, declared.terraform, role, surroundings),
  };
}

const servedPorts = [
  ['registries', 'staging'],
  ['registries', 'public'],
  ['terraform', 'staging'],
  ['terraform', 'production'],
] as const;

/** `serve` offers all of them at once. */
function refuseSharedPort(place: Place): Refused | undefined {
  const ports = servedPorts.map((path) => place.at(...path, 'port').node.value as unknown);
  const repeated = servedPorts.filter(
    (_, index) => typeof ports[index] === 'number' && ports.indexOf(ports[index]) < index,
  );
  for (const path of repeated) {
    const at = place.at(...path, 'port');
    const [block, role] = servedPorts[ports.indexOf(at.node.value)] ?? path;
    at.refuse(`expected another port than ${block}.${role} has`);
  }
  return repeated.length === 0 ? undefined : refused;
}

/** What a protected environment signs is trusted. */
function refuseThrowaway(
  { protected: isProtected, terraform }: DeclaredEnvironment,
  place: Place,
): Refused | undefined {
  if (!isProtected || terraform === undefined) return undefined;
  const found = (['staging', 'production'] as const).flatMap((role) =>
    terraform[role].signingKeys.flatMap((key, index) =>
      key === 'throwaway' ? [place.at('terraform', role, 'signingKeys', index)] : [],
    ),
  );
  for (const at of found) {
    at.refuse(
      'expected a key of a variable, a file or a program, because the environment is protected',
    );
  }
  return found.length === 0 ? undefined : refused;
}
