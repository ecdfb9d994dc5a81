import { ReleaseError } from '../error.js';
import { checked, type Decoder, type Place, refused } from '../json/decode.js';
import { object, optional, required } from '../json/object.js';
import { type Setting, setting, type Variables } from '../setting.js';
import { variableName } from '../variable-name.js';
import { parseRole, type Role, roleExpected } from './role.js';

/** The places of an environment that may have a key of their own. */
export type AccessKeyPlace = 'registries' | 'artifacts' | 'staging' | 'production';

/** An access key of a place, as the configuration has it. The key itself is in no file of the workspace. */
interface DeclaredAccessKey {
  readonly idVariable: string;
  readonly secretVariable: string;
  readonly role: Setting<Role> | undefined;
  readonly region: Setting<string> | undefined;
}

/** `terraform` has those of the two Terraform registries. */
export interface DeclaredAccessKeys {
  readonly registries: DeclaredAccessKey | undefined;
  readonly artifacts: DeclaredAccessKey | undefined;
  readonly terraform: Readonly<Record<'staging' | 'production', DeclaredAccessKey | undefined>>;
}

export const regionExpected = 'a region such as "us-west-2"';

/** `undefined` when the text is not the name of a region. */
export function parseRegion(text: string): string | undefined {
  return /^[a-z0-9-]{1,63}$/.test(text) ? text : undefined;
}

const accessKey: Decoder<DeclaredAccessKey> = checked(
  object('an access key: { "idVariable", "secretVariable", "role", "region" }', {
    idVariable: required(variableName),
    secretVariable: required(variableName),
    role: optional(setting(roleExpected, parseRole), undefined),
    region: optional(setting(regionExpected, parseRegion), undefined),
  }),
  ({ idVariable, secretVariable }, place) =>
    idVariable === secretVariable
      ? place.at('secretVariable').refuse('expected another variable than "idVariable"')
      : undefined,
);

const noKeys = { staging: undefined, production: undefined };

export const accessKeysDecoder: Decoder<DeclaredAccessKeys> = checked(
  object('access keys of places: { "registries", "artifacts", "terraform" }', {
    registries: optional(accessKey, undefined),
    artifacts: optional(accessKey, undefined),
    terraform: optional(
      object('access keys of the Terraform registries: { "staging", "production" }', {
        staging: optional(accessKey, undefined),
        production: optional(accessKey, undefined),
      }),
      noKeys,
    ),
  }),
  refuseShared,
);

export const noAccessKeys: DeclaredAccessKeys = {
  registries: undefined,
  artifacts: undefined,
  terraform: noKeys,
};

/** Who may write to staging only would write to production. */
function refuseShared({ terraform }: DeclaredAccessKeys, place: Place) {
  const { staging, production } = terraform;
  const names = [staging?.idVariable, staging?.secretVariable];
  const repeated = (['idVariable', 'secretVariable'] as const).filter((key) =>
    names.includes(production?.[key] ?? ''),
  );
  for (const key of repeated) {
    place
      .at('terraform', 'production', key)
      .refuse('expected another variable than the key of staging has');
  }
  return repeated.length === 0 ? undefined : refused;
}

/** An access key that is there, under the names of its variables. */
export interface FoundAccessKey {
  readonly idVariable: string;
  readonly secretVariable: string;
  /** The role to assume with it; without one, or where its variable is not set, it is used as it is. */
  readonly role: Role | undefined;
  /** Where the place is; where that is not said, or not set, it is where the environment is. */
  readonly region: string | undefined;
}

/**
 * The access key of a place, if its variables are set: `undefined` when neither is, or when they are half of
 * the credentials of a session, AWS_SESSION_TOKEN being set. Throws `variable-missing` when only one is set, and
 * `variable-invalid` for the role or the region.
 */
export function accessKeyAt(
  keys: DeclaredAccessKeys,
  place: AccessKeyPlace,
  variables: Variables,
): FoundAccessKey | undefined {
  const key = place === 'registries' || place === 'artifacts' ? keys[place] : keys.terraform[place];
  if (key === undefined) return undefined;
  const { idVariable, secretVariable, role, region } = key;
  const isSet = (name: string) => (variables[name] ?? '') !== '';
  const missing = [idVariable, secretVariable].filter((name) => !isSet(name));
  if (missing.length === 2) return undefined;
  if (idVariable === 'AWS_ACCESS_KEY_ID' && isSet('AWS_SESSION_TOKEN')) return undefined;
  const [name] = missing;
  if (name !== undefined) {
    const other = name === idVariable ? secretVariable : idVariable;
    throw new ReleaseError(
      'variable-missing',
      `${name} is not set, and ${other} is: they are one access key (aws.accessKeys in release.config.json); set both or none`,
    );
  }
  return {
    idVariable,
    secretVariable,
    role: ifSet(role, variables),
    region: ifSet(region, variables),
  };
}

function ifSet<T>(setting: Setting<T> | undefined, variables: Variables): T | undefined {
  return setting?.isSet(variables) === true ? setting.read(variables) : undefined;
}
