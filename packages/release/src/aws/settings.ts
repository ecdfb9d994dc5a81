import { ReleaseError } from '../error.js';
import { boolean, checked, type Decoder, refused } from '../json/decode.js';
import { list } from '../json/list.js';
import { object, optional, required } from '../json/object.js';
import { quoted } from '../quoted.js';
import { override, type Setting, setting, type Variables } from '../setting.js';
import {
  accessKeyAt,
  type AccessKeyPlace,
  accessKeysDecoder,
  type DeclaredAccessKeys,
  type FoundAccessKey,
  noAccessKeys,
  parseRegion,
  regionExpected,
} from './access-keys.js';
import { encryptionExpected, keyExpected, parseEncryption, parseKey } from './encryption.js';
import { accountExpected, parseAccount, parseRole, type Role, roleExpected } from './role.js';
import { type DeclaredSession, defaultSession, sessionDecoder } from './session.js';

/** What a step is going to do with a registry. */
export type RegistryAccess = 'read' | 'write';

/** The AWS account of an environment. What it holds is read when it is asked for. */
export interface AwsSettings {
  /** Twelve digits. Nobody of another account writes to the environment. */
  readonly account: string;
  /** Where its buckets are. Throws `variable-missing` and `variable-invalid`. */
  region(): string | undefined;
  /**
   * The role to assume for reading or for writing: what RELEASE_READ_ROLE or RELEASE_WRITE_ROLE says,
   * or else the configuration. `undefined` where callers act with their own credentials. Throws
   * `variable-missing`, `variable-invalid`, and `config-invalid` for a role of another account.
   */
  role(access: RegistryAccess): RoleSettings | undefined;
  /**
   * The key of its own that a place has, if its variables are set: there it takes the place of whoever runs the
   * step, and of the roles above. Throws `variable-missing`, `variable-invalid`, and `config-invalid` for a
   * role of another account.
   */
  accessKey(place: AccessKeyPlace): AccessKeySettings | undefined;
  /** Throws `variable-missing` and `variable-invalid`. */
  repositories(): RepositorySettings;
  /**
   * The ARNs of the keys of KMS that its buckets encrypt with; none for those of S3's own. Throws
   * `variable-missing` and `variable-invalid`.
   */
  bucketKeys(): readonly string[];
}

/** A role, and the sessions that are made of it. */
export interface RoleSettings extends Role {
  /** How long a session lasts, between 900 and 43200. */
  readonly durationSeconds: number;
  readonly externalId?: string | undefined;
  /** Whether sessions carry who made them as their source identity. */
  readonly sourceIdentity: boolean;
  /** Session tags. */
  readonly tags: Readonly<Record<string, string>>;
}

/** An access key that is there, under the names of its variables. */
export interface AccessKeySettings extends FoundAccessKey {
  /** The role to assume with it; without one it is used as it is. */
  readonly role: RoleSettings | undefined;
}

/** Whether and how repositories come about that are missing. */
export interface RepositorySettings {
  /** Whether steps create them; where not, a missing one is an error. */
  readonly create: boolean;
  readonly scanOnPush: boolean;
  /** `AES256`, `KMS` with the key that AWS has for it, or the ARN of a key. */
  readonly encryption: string;
}

/** The `aws` block as the configuration has it. */
export interface DeclaredAws {
  readonly account: Setting<string>;
  readonly region: Setting<string> | undefined;
  readonly roles: Readonly<Record<RegistryAccess, Setting<Role> | undefined>>;
  readonly accessKeys: DeclaredAccessKeys;
  readonly session: DeclaredSession;
  readonly repositories: {
    readonly create: boolean;
    readonly scanOnPush: boolean;
    readonly encryption: Setting<string>;
  };
  readonly bucketKeys: readonly Setting<string>[];
}

const roleVariables: Readonly<Record<RegistryAccess, string>> = {
  read: 'RELEASE_READ_ROLE',
  write: 'RELEASE_WRITE_ROLE',
};

export function declaredAws(): Decoder<DeclaredAws> {
  const role = optional(setting(roleExpected, parseRole), undefined);
  const yesOrNo = boolean('true or false');
  const decoder = object(
    'an AWS account: { "account", "region", "roles", "accessKeys", "session", "repositories", "bucketKeys" }',
    {
      account: required(setting(accountExpected, parseAccount)),
      region: optional(setting(regionExpected, parseRegion), undefined),
      roles: optional(object('roles: { "write", "read" }', { write: role, read: role }), noRoles),
      accessKeys: optional(accessKeysDecoder, noAccessKeys),
      session: optional(sessionDecoder, defaultSession),
      repositories: optional(
        object('how repositories are created: { "create", "scanOnPush", "encryption" }', {
          create: optional(yesOrNo, defaultRepositories.create),
          scanOnPush: optional(yesOrNo, defaultRepositories.scanOnPush),
          encryption: optional(
            setting(encryptionExpected, parseEncryption),
            defaultRepositories.encryption,
          ),
        }),
        defaultRepositories,
      ),
      bucketKeys: optional(
        list('an array of the ARNs of KMS keys', setting(keyExpected, parseKey)),
        [],
      ),
    },
  );
  return checked(decoder, ({ account, roles }, place) => {
    const strangers = accesses.filter((access) => {
      const role = roles[access];
      // What names variables is judged when it is used.
      if (role?.isSet({}) !== true || !account.isSet({})) return false;
      return role.read({}).account !== account.read({});
    });
    for (const access of strangers) {
      const arn = quoted(roles[access]?.read({}).arn ?? '');
      place.at('roles', access).refuse(`${ofAccount(account.read({}))}, found ${arn}`);
    }
    return strangers.length === 0 ? undefined : refused;
  });
}

/** Throws `variable-missing` and `variable-invalid` for the account. */
export function awsOf(
  environment: string,
  declared: DeclaredAws,
  variables: Variables,
): AwsSettings {
  const account = declared.account.read(variables);
  const { session, repositories, accessKeys } = declared;
  const inSessions = (role: Role): RoleSettings => ({
    ...role,
    durationSeconds: session.durationSeconds,
    externalId: session.externalId?.read(variables),
    sourceIdentity: session.sourceIdentity,
    tags: Object.fromEntries([...session.tags].map(([key, value]) => [key, value.read(variables)])),
  });
  return {
    account,
    region: () => declared.region?.read(variables),
    role: (access) => {
      const variable = roleVariables[access];
      const chosen = override(variables, variable, roleExpected, parseRole);
      const role = chosen ?? declared.roles[access]?.read(variables);
      if (role === undefined) return undefined;
      if (role.account !== account) {
        const [code, where] =
          chosen === undefined
            ? (['config-invalid', `environment ${environment}: aws.roles.${access}`] as const)
            : (['variable-invalid', variable] as const);
        const found = `found ${quoted(role.arn)}`;
        throw new ReleaseError(code, `${where}: ${ofAccount(account)}, ${found}`);
      }
      return inSessions(role);
    },
    accessKey: (place) => {
      const key = accessKeyAt(accessKeys, place, variables);
      if (key?.role === undefined) return key && { ...key, role: undefined };
      if (key.role.account !== account) {
        throw new ReleaseError(
          'config-invalid',
          `environment ${environment}: the role of the access key in ${key.idVariable}: ${ofAccount(account)}, found ${quoted(key.role.arn)}`,
        );
      }
      return { ...key, role: inSessions(key.role) };
    },
    repositories: () => ({
      ...repositories,
      encryption: repositories.encryption.read(variables),
    }),
    bucketKeys: () => declared.bucketKeys.map((key) => key.read(variables)),
  };
}

const accesses = ['write', 'read'] as const;

const noRoles = { write: undefined, read: undefined };

const defaultRepositories: DeclaredAws['repositories'] = {
  create: false,
  scanOnPush: true,
  encryption: { isSet: () => true, read: () => 'AES256' },
};

function ofAccount(account: string): string {
  return `expected a role of the environment's account ${account}`;
}
