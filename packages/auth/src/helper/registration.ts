import type { RoleSettings } from '../aws/assumed-role.js';
import type { AwsEndpoints } from '../aws/endpoints.js';
import {
  fault,
  mapOf,
  member,
  objectOf,
  stringOf,
  within,
  type JsonObject,
  type Place,
} from '../docker/json.js';
import type { EcrRegistry } from '../ecr/hostname.js';

/** How the credential helper gets a token for a registry. There is no secret in it. */
export interface Registration {
  /** The environment of release.config.json that it was made for. */
  readonly environment: string;
  /** The registry itself, or the one that a registry on this machine stands in for. */
  readonly registry: EcrRegistry;
  /** Twelve digits: nobody of another account gets a token. */
  readonly account?: string | undefined;
  /** What login was told, for the command that does so again. Default: what it does without options. */
  readonly login?: RegisteredLogin | undefined;
  /** Default: the caller's own credentials. */
  readonly role?: RoleSettings | undefined;
  /** Where STS is asked. */
  readonly region: string;
  readonly endpoints?: AwsEndpoints | undefined;
  /** For a shell that names no credentials. */
  readonly profile?: string | undefined;
  /** The configurations that name the helper for this registry. */
  readonly files: readonly RegisteredFile[];
}

interface RegisteredLogin {
  readonly registry: 'staging' | 'public' | 'both';
  readonly access: 'read' | 'write';
}

export interface RegisteredFile {
  readonly path: string;
  /** The helper that it named before. */
  readonly before?: string | undefined;
  /** Whether it did not exist before. */
  readonly isNew?: boolean | undefined;
}

/** Reads one from JSON. */
export function registrationOf(value: unknown, place: Place): Registration {
  const object = objectOf(value, place);
  const text = (name: string) => member(object, name, stringOf, place);
  return {
    environment: required(object, 'environment', stringOf, place),
    registry: required(object, 'registry', ecrRegistry, place),
    account: text('account'),
    login: member(object, 'login', login, place),
    role: member(object, 'role', role, place),
    region: required(object, 'region', stringOf, place),
    endpoints: member(object, 'endpoints', endpoints, place),
    profile: text('profile'),
    files: required(object, 'files', files, place),
  };
}

function ecrRegistry(value: unknown, place: Place): EcrRegistry {
  const object = objectOf(value, place);
  const kind = oneOf(object, 'kind', ['private', 'public'], place);
  if (kind === 'public') return { kind };
  const text = (name: string) => required(object, name, stringOf, place);
  return {
    kind,
    account: text('account'),
    region: text('region'),
    partition: text('partition'),
    fips: required(object, 'fips', booleanOf, place),
    dualStack: required(object, 'dualStack', booleanOf, place),
  };
}

function login(value: unknown, place: Place): RegisteredLogin {
  const object = objectOf(value, place);
  return {
    registry: oneOf(object, 'registry', ['staging', 'public', 'both'], place),
    access: oneOf(object, 'access', ['read', 'write'], place),
  };
}

function role(value: unknown, place: Place): RoleSettings {
  const object = objectOf(value, place);
  const tags = member(object, 'tags', mapOf(stringOf), place);
  return {
    arn: required(object, 'arn', stringOf, place),
    durationSeconds: member(object, 'durationSeconds', numberOf, place),
    externalId: member(object, 'externalId', stringOf, place),
    sourceIdentity: member(object, 'sourceIdentity', booleanOf, place),
    tags: tags && Object.fromEntries(tags),
    mfaSerial: member(object, 'mfaSerial', stringOf, place),
  };
}

function endpoints(value: unknown, place: Place): AwsEndpoints {
  return Object.fromEntries(mapOf(stringOf)(value, place));
}

function files(value: unknown, place: Place): readonly RegisteredFile[] {
  if (!Array.isArray(value)) throw fault(place, 'expected an array');
  return value.map((each: unknown) => {
    const object = objectOf(each, place);
    return {
      path: required(object, 'path', stringOf, place),
      before: member(object, 'before', stringOf, place),
      isNew: member(object, 'isNew', booleanOf, place),
    };
  });
}

function required<T>(
  object: JsonObject,
  name: string,
  read: (value: unknown, place: Place) => T,
  place: Place,
): T {
  const value = member(object, name, read, place);
  if (value === undefined) throw fault(place, `it has no ${name}`);
  return value;
}

function oneOf<const T extends string>(
  object: JsonObject,
  name: string,
  texts: readonly T[],
  place: Place,
): T {
  const value = required(object, name, stringOf, place);
  const found = texts.find((text) => text === value);
  if (found !== undefined) return found;
  const expected = texts.map((text) => `"${text}"`).join(' or ');
  throw fault(within(place, name), `expected ${expected}`);
}

function booleanOf(value: unknown, place: Place): boolean {
  if (typeof value === 'boolean') return value;
  throw fault(place, 'expected true or false');
}

function numberOf(value: unknown, place: Place): number {
  if (typeof value === 'number') return value;
  throw fault(place, 'expected a number');
}
