import { AwsFault } from '../fault.js';
import type { AwsRole } from '../options.js';
import { allows, type Wish } from '../policy.js';
import { deniedMessage, isList, refusalOf, type Principal } from '../principals.js';

/** Throws the fault that STS answers to somebody whom a role, or their own policy, does not let in. */
export function checkTrust(
  caller: Principal,
  role: AwsRole | undefined,
  roleArn: string,
  { actions, context }: { actions: readonly string[]; context: Wish['context'] },
): void {
  for (const action of actions) {
    const wish: Wish = {
      action,
      resource: roleArn,
      principals: namesOf(caller),
      context: context ?? {},
    };
    // An unknown role and one that trusts somebody else look alike from outside.
    if (role && trusts(role, wish) && refusalOf(caller, wish) === undefined) continue;
    throw new AwsFault('access-denied', deniedMessage(caller.arn, wish));
  }
}

function trusts({ trust }: AwsRole, wish: Wish): boolean {
  if (!isList(trust)) return allows(trust, { ...wish, resource: '*' });
  return trust.some((name) => name === '*' || wish.principals?.includes(name));
}

/** By which names a trust policy can mean somebody. */
function namesOf({ arn, account, session }: Principal): readonly string[] {
  const [, partition = 'aws'] = arn.split(':');
  const root = `arn:${partition}:iam::${account}:root`;
  return [arn, root, account, ...(session ? [session.role] : [])];
}
