import { createHash, randomBytes } from 'node:crypto';

import type { AwsCredentials, AwsOptions, AwsRole, AwsUser } from './options.js';
import { allows, checkPolicy, everything, type PolicyDocument, type Wish } from './policy.js';

/** Who asks. */
export interface Principal {
  readonly arn: string;
  readonly account: string;
  readonly userId: string;
  /** What it may do at all. */
  readonly policy: PolicyDocument;
  /** Of a session of a role. */
  readonly session?: {
    /** The ARN of the role. */
    readonly role: string;
    readonly policy: PolicyDocument | undefined;
    readonly sourceIdentity: string | undefined;
  };
  readonly mfa?: AwsUser['mfa'];
}

interface SessionOptions {
  readonly name: string;
  readonly expiration: Date;
  readonly policy?: PolicyDocument | undefined;
  readonly sourceIdentity?: string | undefined;
}

export interface Keys extends AwsCredentials {
  readonly principal: Principal;
}

export interface Principals {
  keys(accessKeyId: string): Keys | undefined;
  keysOf(userArn: string): Keys;
  role(arn: string): AwsRole | undefined;
  /** A new session of a role, with keys of its own. Of a role that nobody has set up it may only say who it is, and assume others. */
  openSession(roleArn: string, options: SessionOptions): Required<Keys>;
  /** All temporary keys so far run out now. */
  expireSessions(): void;
  /** The secret keys and session tokens so far. */
  readonly secrets: readonly string[];
}

export function principalsOf({ users = [], roles = [] }: AwsOptions, now: () => Date): Principals {
  const keys = new Map<string, Keys>();
  const find = (arn: string) => roles.find((role) => role.arn === arn);
  for (const user of users) {
    const found = keysOfUser(user);
    keys.set(found.accessKeyId, found);
  }
  for (const { trust, policy } of roles) {
    if (!isList(trust)) checkPolicy(trust, 'Principal');
    if (policy) checkPolicy(policy, 'Resource');
  }
  return {
    keys: (accessKeyId) => keys.get(accessKeyId),
    keysOf(userArn) {
      const found = [...keys.values()].find(({ principal }) => principal.arn === userArn);
      if (found) return found;
      throw new Error(`there is no ${userArn} among the emulator's users`);
    },
    role: find,
    openSession(roleArn, options) {
      const opened = sessionOf(find(roleArn) ?? { arn: roleArn, policy: onlySts }, options);
      keys.set(opened.accessKeyId, opened);
      return opened;
    },
    get secrets() {
      return [...keys.values()].flatMap(({ secretAccessKey, sessionToken }) =>
        sessionToken === undefined ? [secretAccessKey] : [secretAccessKey, sessionToken],
      );
    },
    expireSessions() {
      for (const [id, entry] of keys) {
        if (entry.expiration) keys.set(id, { ...entry, expiration: now() });
      }
    },
  };
}

const onlySts: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }],
};

/** Why somebody may not do something: the kind of policy that does not allow it. */
export function refusalOf(principal: Principal, wish: Wish): string | undefined {
  if (!allows(principal.policy, wish)) return 'identity-based';
  const policy = principal.session?.policy;
  return policy && !allows(policy, wish) ? 'session' : undefined;
}

/** AWS's sentence for it. */
export function deniedMessage(
  arn: string,
  { action, resource }: Wish,
  policyKind?: string,
): string {
  const because = policyKind && ` because no ${policyKind} policy allows the ${action} action`;
  return `User: ${arn} is not authorized to perform: ${action} on resource: ${resource}${because ?? ''}`;
}

export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

export function isList(trust: AwsRole['trust']): trust is readonly string[] {
  return Array.isArray(trust);
}

function keysOfUser(user: AwsUser): Keys {
  if (user.policy) checkPolicy(user.policy, 'Resource');
  const { arn, mfa, policy = everything } = user;
  return {
    accessKeyId: user.accessKeyId ?? `AKIA${idOf(arn)}`,
    secretAccessKey: user.secretAccessKey ?? randomBytes(30).toString('base64'),
    principal: {
      ...{ arn, account: accountOf(arn), userId: `AIDA${idOf(arn)}`, policy },
      ...(mfa && { mfa }),
    },
  };
}

function sessionOf(
  { arn, policy = everything }: Pick<AwsRole, 'arn' | 'policy'>,
  options: SessionOptions,
): Required<Keys> {
  const { name, expiration, sourceIdentity } = options;
  const account = accountOf(arn);
  const [, partition] = arn.split(':');
  const roleName = arn.slice(arn.lastIndexOf('/') + 1);
  return {
    accessKeyId: `ASIA${idOf(randomBytes(16))}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(240).toString('base64'),
    expiration,
    principal: {
      arn: `arn:${partition ?? ''}:sts::${account}:assumed-role/${roleName}/${name}`,
      account,
      userId: `AROA${idOf(arn)}:${name}`,
      policy,
      session: { role: arn, policy: options.policy, sourceIdentity },
    },
  };
}

/** Sixteen letters and digits, as the ids of IAM have them. */
function idOf(seed: string | Uint8Array): string {
  const hash = createHash('sha256').update(seed).digest();
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from(hash.subarray(0, 16), (byte) => letters[byte % 32]).join('');
}
