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
import { boolean, checked, type Decoder } from './json/decode.js';
import { object, optional, required } from './json/object.js';
import { override, type Setting, setting, type Variables } from './setting.js';

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
}

/** An environment as the configuration declares it. */
export interface DeclaredEnvironment {
  readonly protected: boolean;
  readonly registries: Readonly<Record<RegistryRole, Setting<RegistryEndpoint>>>;
  readonly base: Setting<BaseChoice>;
  readonly aws: DeclaredAws | undefined;
}

const registryVariables: Readonly<Record<RegistryRole, string>> = {
  staging: 'RELEASE_STAGING_REGISTRY',
  public: 'RELEASE_PUBLIC_REGISTRY',
};

const baseVariable = 'RELEASE_BASE_IMAGE';

export function declaredEnvironment(workspaceRoot: string): Decoder<DeclaredEnvironment> {
  const registry = required(registryEndpoint(workspaceRoot));
  const decoder = object('an environment: { "registries", "base" }', {
    protected: optional(boolean('true or false'), false),
    registries: required(
      object('registries: { "staging", "public" }', { staging: registry, public: registry }),
    ),
    base: required(setting(baseExpected, parseBase)),
    aws: optional(declaredAws(), undefined),
  });
  return checked(decoder, (_, place) => {
    const port = (role: RegistryRole) => place.at('registries', role, 'port').node.value as unknown;
    if (typeof port('public') !== 'number' || port('public') !== port('staging')) return undefined;
    return place
      .at('registries', 'public', 'port')
      .refuse('expected another port than staging has');
  });
}

export function environmentOf(
  name: string,
  declared: DeclaredEnvironment,
  variables: Variables,
): Environment {
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
  };
}
