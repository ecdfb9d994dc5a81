import { formatReference } from '@teleport-plugins/oci';
import type { Traffic } from '@teleport-plugins/registry';
import { imageRepository, type RegistryAccess, type RegistryRole } from '@teleport-plugins/release';
import type { PolicyDocument } from '@teleport-plugins/auth';

import type { EnvironmentStep } from '../step/step.js';
import type { Place } from './place.js';
import { openRepositories } from './registries.js';
import { signInOf } from './sign-in.js';

/** The places that a step goes to. */
export interface Places<Role extends RegistryRole = RegistryRole> {
  readonly at: Readonly<Record<Role, Place>>;
  /** What has gone to and fro so far, between this process and all of them. */
  traffic(): Traffic;
  /** Who acts there: an ARN as soon as somebody has signed in to AWS, else the user of this machine. */
  identity(): string;
  /** What the step needs to do in AWS; `undefined` where none of the registries is Amazon's. */
  readonly policy: PolicyDocument | undefined;
  /** Whether a role is assumed, which the policy takes all other rights from. */
  readonly assumesRole: boolean;
}

/** `needs` says which registries the step goes to, and whether it is going to write there. */
export async function openPlaces<Role extends RegistryRole>(
  step: EnvironmentStep,
  needs: Readonly<Record<Role, RegistryAccess>>,
): Promise<Places<Role>> {
  const signIn = signInOf(step, needs);
  const traffics: (() => Traffic)[] = [];
  const open = async (role: Role): Promise<readonly [Role, Place]> => {
    const endpoint = step.environment.registry(role);
    const name = imageRepository(endpoint, step.plugin);
    const opened = {
      name,
      access: needs[role],
      signIn: signIn.at(role),
      identity: signIn.identity,
    };
    const { traffic, ...repositories } = await openRepositories(step, endpoint, opened);
    traffics.push(traffic);
    const reference: Place['reference'] = (parts = {}) => formatReference({ ...name, ...parts });
    return [role, { ...repositories, reference }];
  };
  const roles = Object.keys(needs) as Role[];
  const places = await Promise.all(roles.map(open));
  return {
    at: Object.fromEntries(places) as Record<Role, Place>,
    policy: signIn.policy,
    assumesRole: signIn.assumesRole,
    identity: () => signIn.identity() ?? step.host.user,
    traffic: () => {
      const sum = (key: keyof Traffic) => traffics.reduce((total, each) => total + each()[key], 0);
      return {
        requests: sum('requests'),
        bytesSent: sum('bytesSent'),
        bytesReceived: sum('bytesReceived'),
      };
    },
  };
}
