import { awsEndpoints, type EcrRegistry } from '@teleport-plugins/auth';
import type { CredentialProvider } from '@teleport-plugins/registry';
import type { RegistryAccess, RegistryRole } from '@teleport-plugins/release';

import { amazonRegistry } from '../../environment/amazon.js';
import { awsSession, type Actor } from '../../environment/aws-session.js';
import type { Line } from '../../step/show.js';
import { actingIn, type Acting } from './acting.js';
import { storeSigners, type StoreSigner } from './store-signers.js';

export interface WhoamiOptions {
  readonly environment?: string;
  /** Default: write. */
  readonly access?: RegistryAccess;
  readonly mfaCode?: string | number;
  readonly json?: boolean;
}

/** Who acts at a registry. */
interface RegistrySigner extends Partial<Acting> {
  /** Which of the environment's registries. */
  readonly role: RegistryRole;
  /** `host[:port]/namespace`, or the folder of an embedded one. */
  readonly registry: string;
  /** `ecr`, `ecr-public`, `login` (docker's, podman's or skopeo's), `embedded`. The name of a login is its identity. */
  readonly kind: 'ecr' | 'ecr-public' | 'login' | 'embedded';
}

export type Signer = RegistrySigner | StoreSigner;

/**
 * At the registries, and then at the stores. One session in AWS for all that have no access key of their own.
 * Throws what a step would throw.
 */
export async function signersOf(actor: Actor, access: RegistryAccess): Promise<readonly Signer[]> {
  const { environment, host } = actor;
  const endpoints = awsEndpoints(host.env);
  const roles = ['staging', 'public'] as const;
  const amazon = new Map(roles.map((role) => [role, amazonRegistry(environment, role, endpoints)]));
  const registries = [...amazon.values()].filter((registry) => registry !== undefined);
  const key = environment.aws()?.accessKey('registries');
  const session =
    registries.length > 0 ? awsSession(actor, { access, registries, key }) : undefined;

  const signers: RegistrySigner[] = [];
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
        ? { kind: kindOf(registry), ...(await actingIn(session, host.signal)) }
        : await byLogin(host.logins.forRepository(endpoint.namespace), endpoint.host);
    signers.push({ ...place, ...signer });
  }
  const shared = key === undefined ? session : undefined;
  return [...signers, ...(await storeSigners(actor, access, shared))];
}

export function describeSigner(signer: Signer): readonly Line[] {
  const { kind, identity, caller, account, assumedRole, expires } = signer;
  switch (kind) {
    case 'embedded':
      return [['signer', 'nobody has to sign in: the steps serve it themselves']];
    case 'login':
      return [['signer', identity ?? 'nobody: log in with docker, podman or skopeo']];
    case 'directory':
      return [['signer', 'nobody has to sign in: it is a folder of this machine']];
    case 'machine':
      return [['signer', 'the AWS credentials of this machine, whose account is not looked at']];
    case 'unset':
      return [['signer', `nobody: ${signer.problem ?? ''}`]];
    case 'bucket':
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

/** Where somebody acts, for people. */
export function placeOf(signer: Signer): string {
  return ('registry' in signer ? signer.registry : signer.store) ?? 'not set';
}

function kindOf({ kind }: EcrRegistry): 'ecr' | 'ecr-public' {
  return kind === 'public' ? 'ecr-public' : 'ecr';
}

async function byLogin(
  credentials: CredentialProvider,
  host: string,
): Promise<Pick<RegistrySigner, 'kind' | 'identity'>> {
  const found = await credentials(host);
  if (found === undefined) return { kind: 'login' };
  return { kind: 'login', identity: found.kind === 'basic' ? found.username : `a token` };
}
