import { awsEndpoints, type AwsSession, type EcrRegistry } from '@teleport-plugins/auth';
import type { CredentialProvider } from '@teleport-plugins/registry';
import type { RegistryAccess, RegistryRole } from '@teleport-plugins/release';

import { amazonRegistry } from '../../environment/amazon.js';
import { awsSession, type Actor } from '../../environment/aws-session.js';
import type { Line } from '../../step/show.js';

export interface WhoamiOptions {
  readonly environment?: string;
  /** Default: write. */
  readonly access?: RegistryAccess;
  readonly mfaCode?: string | number;
  readonly json?: boolean;
}

/** Who acts at a registry. */
export interface Signer {
  /** Which of the environment's registries. */
  readonly role: RegistryRole;
  /** `host[:port]/namespace`, or the folder of an embedded one. */
  readonly registry: string;
  /** `ecr`, `ecr-public`, `login` (docker's, podman's or skopeo's), `embedded`. */
  readonly kind: 'ecr' | 'ecr-public' | 'login' | 'embedded';
  /** The ARN that acts, or the name of the login; absent where nobody is signed in. */
  readonly identity?: string;
  /** The ARN of whose credentials were found. */
  readonly caller?: string;
  /** Twelve digits. */
  readonly account?: string;
  /** The role that is assumed, or that the caller is a session of already. */
  readonly assumedRole?: string;
  /** When its credentials run out, in ISO 8601; `never`, or `unknown` of a session that does not say. */
  readonly expires?: string;
}

/** One session in AWS for all registries of Amazon's. Throws what a step would throw. */
export async function signersOf(actor: Actor, access: RegistryAccess): Promise<readonly Signer[]> {
  const { environment, host } = actor;
  const endpoints = awsEndpoints(host.env);
  const roles = ['staging', 'public'] as const;
  const amazon = new Map(roles.map((role) => [role, amazonRegistry(environment, role, endpoints)]));
  const registries = [...amazon.values()].filter((registry) => registry !== undefined);
  const key = environment.aws()?.accessKey('registries');
  const session =
    registries.length > 0 ? awsSession(actor, { access, registries, key }) : undefined;

  const signers: Signer[] = [];
  for (const role of roles) {
    const endpoint = environment.registry(role);
    const registry = amazon.get(role);
    if (endpoint.kind === 'embedded') {
      signers.push({ role, registry: endpoint.directory, kind: 'embedded' });
      continue;
    }
    const place = { role, registry: `${endpoint.host}/${endpoint.namespace}` };
    const signer =
      registry && session
        ? await inAmazon(registry, session, host.signal)
        : await byLogin(host.logins.forRepository(endpoint.namespace), endpoint.host);
    signers.push({ ...place, ...signer });
  }
  return signers;
}

export function describeSigner(signer: Signer): readonly Line[] {
  const { kind, identity, caller, account, assumedRole, expires } = signer;
  switch (kind) {
    case 'embedded':
      return [['signer', 'nobody has to sign in: the steps serve it themselves']];
    case 'login':
      return [['signer', identity ?? 'nobody: log in with docker, podman or skopeo']];
    case 'ecr':
    case 'ecr-public':
      return [
        ['signer', identity ?? ''],
        ['caller', caller ?? ''],
        ['account', account ?? ''],
        ['role', assumedRole ?? 'none: the caller acts with its own rights'],
        ['expires', expires ?? ''],
      ];
  }
}

type Found = Omit<Signer, 'role' | 'registry'>;

async function inAmazon(
  { kind }: EcrRegistry,
  session: AwsSession,
  signal: AbortSignal,
): Promise<Found> {
  const { arn, caller, account, role, expiresAt } = await session.identity(signal);
  return {
    kind: kind === 'public' ? 'ecr-public' : 'ecr',
    identity: arn,
    caller,
    account,
    ...(role !== undefined && { assumedRole: role }),
    expires: expiresAt?.toISOString() ?? (isSession(arn) ? 'unknown' : 'never'),
  };
}

async function byLogin(credentials: CredentialProvider, host: string): Promise<Found> {
  const found = await credentials(host);
  if (found === undefined) return { kind: 'login' };
  return { kind: 'login', identity: found.kind === 'basic' ? found.username : `a token` };
}

/** Credentials of sessions always run out, but who sets them in variables may leave out when. */
function isSession(arn: string): boolean {
  return arn.split(':')[2] === 'sts';
}
