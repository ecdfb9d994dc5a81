import { AwsFault } from '../fault.js';
import type { AwsRole } from '../options.js';
import type { Keys, Principal } from '../principals.js';
import type { World } from '../world.js';
import type { Tree } from '../../xml.js';
import {
  checkName,
  sessionRequest,
  tagsIn,
  validation,
  type SessionRequest,
} from './parameters.js';
import { checkTrust } from './trust.js';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export function assumeRole(world: World, caller: Principal, form: URLSearchParams): Tree {
  const request = sessionRequest(form);
  const sourceIdentity = form.get('SourceIdentity') ?? caller.session?.sourceIdentity;
  if (sourceIdentity !== undefined) checkName(sourceIdentity, 'sourceIdentity');
  const tags = tagsIn(form);
  const role = world.principals.role(request.roleArn);
  checkTrust(caller, role, request.roleArn, {
    actions: [
      'sts:AssumeRole',
      ...(Object.keys(tags).length > 0 ? ['sts:TagSession'] : []),
      ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
    ],
    context: {
      'sts:ExternalId': form.get('ExternalId') ?? undefined,
      'sts:RoleSessionName': request.sessionName,
      'sts:SourceIdentity': sourceIdentity,
      'aws:PrincipalArn': caller.session?.role ?? caller.arn,
      'aws:MultiFactorAuthPresent': provesMfa(caller, form) ? 'true' : 'false',
      ...Object.fromEntries(
        Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]),
      ),
    },
  });
  checkDuration(request, role, caller.session !== undefined);
  return openSession(world, request, sourceIdentity);
}

/** Opens the session, and answers with its keys as STS does. */
export function openSession(
  world: World,
  { roleArn, sessionName, duration, policy, policyText }: SessionRequest,
  sourceIdentity?: string,
): Tree {
  const opened: Required<Keys> = world.principals.openSession(roleArn, {
    name: sessionName,
    // Without fractions, as STS says it.
    expiration: new Date(Math.floor(world.now().getTime() / 1000) * 1000 + duration * 1000),
    policy,
    sourceIdentity,
  });
  return {
    AssumedRoleUser: { AssumedRoleId: opened.principal.userId, Arn: opened.principal.arn },
    Credentials: {
      AccessKeyId: opened.accessKeyId,
      SecretAccessKey: opened.secretAccessKey,
      SessionToken: opened.sessionToken,
      Expiration: opened.expiration.toISOString().replace('.000Z', 'Z'),
    },
    ...(policyText !== undefined && { PackedPolicySize: Math.ceil(policyText.length / 20.48) }),
    ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
  };
}

export function checkDuration(
  { duration }: SessionRequest,
  role: AwsRole | undefined,
  isChained: boolean,
): void {
  if (isChained && duration > 3600) {
    throw new AwsFault(
      validation,
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  if (duration <= (role?.maxSessionDuration ?? 3600)) return;
  throw new AwsFault(
    validation,
    'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  );
}

/** Throws when there is a code and it is wrong. */
function provesMfa({ mfa }: Principal, form: URLSearchParams): boolean {
  const code = form.get('TokenCode');
  if (code === null) return false;
  const [serialNumber, expected] = [mfa?.serialNumber ?? '', mfa?.code];
  if (form.get('SerialNumber') === serialNumber && code === expected) return true;
  throw new AwsFault(
    'access-denied',
    'MultiFactorAuthentication failed with invalid MFA one time pass code. ',
  );
}
