import type { PolicyDocument } from '@teleport-plugins/auth';
import {
  directoryStore,
  metered,
  readOnly,
  type ObjectStore,
  type StoreTraffic,
} from '@teleport-plugins/object-store';
import { ReleaseError, type Environment, type StoreEndpoint } from '@teleport-plugins/release';

import { StepError } from '../error.js';
import type { ProviderStep } from '../step/step.js';
import { bucketStore, signInToBuckets, type BucketSignIn } from './buckets.js';
import type { StoreAccess, StoreRole } from './store-place.js';

export type StoreNeeds<Role extends StoreRole = StoreRole> = Readonly<Record<Role, StoreAccess>>;

/** The stores that a step goes to, until it ends. */
export interface Stores<Role extends StoreRole = StoreRole> {
  /** One that is only read, and every one in a dry run, refuses to be written to. */
  readonly at: Readonly<Record<Role, ObjectStore>>;
  /** What has gone to and fro so far, between this process and all of them. */
  traffic(): StoreTraffic;
  /** Who acts there: an ARN as soon as somebody has signed in to AWS, else the user of this machine. */
  identity(): string;
  /** What the step may do in AWS; `undefined` where it has nothing to do there. */
  readonly policy: PolicyDocument | undefined;
  /** Whether a role is assumed for it, which the policy can take rights away from. */
  readonly assumesRole: boolean;
}

/** `needs` says which stores the step goes to, and what it does there. Makes no request. */
export async function openStores<Role extends StoreRole>(
  step: ProviderStep,
  needs: StoreNeeds<Role>,
): Promise<Stores<Role>> {
  const { environment, dryRun, host } = step;
  const roles = Object.keys(needs) as Role[];
  const places = allFound(
    roles.map((role) => () => ({
      role,
      access: needs[role],
      endpoint: endpointOf(environment, role),
    })),
  );
  const signIn = signInToBuckets(step, places);
  const opened = await Promise.all(
    places.map(async ({ role, access, endpoint }) => {
      const { store, traffic } = metered(await open(step, endpoint, role, signIn));
      return { role, traffic, store: access === 'read' || dryRun ? readOnly(store) : store };
    }),
  );
  return {
    at: Object.fromEntries(opened.map(({ role, store }) => [role, store])) as Stores<Role>['at'],
    policy: signIn.policy,
    assumesRole: signIn.assumesRole,
    identity: () => signIn.identity() ?? host.user,
    traffic: () => {
      const sum = (key: keyof StoreTraffic) =>
        opened.reduce((total, { traffic }) => total + traffic()[key], 0);
      return {
        requests: sum('requests'),
        bytesSent: sum('bytesSent'),
        bytesReceived: sum('bytesReceived'),
      };
    },
  };
}

/** All variables that are missing are told at once. Throws what the first one throws of all else. */
function allFound<T>(finds: readonly (() => T)[]): readonly T[] {
  const missing: string[] = [];
  const found = finds.flatMap((find) => {
    try {
      return [find()];
    } catch (error) {
      if (!(error instanceof ReleaseError) || error.code !== 'variable-missing') throw error;
      missing.push(error.message);
      return [];
    }
  });
  if (missing.length > 0) throw new ReleaseError('variable-missing', missing.join('\n  '));
  return found;
}

/** Throws StepError `store-undeclared`. */
function endpointOf(environment: Environment, role: StoreRole): StoreEndpoint {
  const declared =
    role === 'artifacts' ? environment.artifacts() : environment.terraform(role)?.store;
  if (declared === undefined) throw undeclared(environment, role);
  return declared;
}

export function undeclared({ name }: Environment, role: StoreRole): StepError {
  const what =
    role === 'artifacts'
      ? 'archives of Terraform providers: set "artifacts" there, or RELEASE_ARTIFACTS_URL'
      : `the Terraform registry of ${role}: set "terraform" there`;
  return new StepError(
    'store-undeclared',
    `the environment ${name} of release.config.json has no store for ${what}`,
  );
}

async function open(
  step: ProviderStep,
  endpoint: StoreEndpoint,
  role: StoreRole,
  signIn: BucketSignIn,
): Promise<ObjectStore> {
  return endpoint.kind === 'directory'
    ? directoryStore(endpoint.directory)
    : bucketStore(step, endpoint, signIn.at(role));
}
