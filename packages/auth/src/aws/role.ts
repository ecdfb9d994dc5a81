import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';

import { parsePrincipal } from './arn.js';
import type { PolicyDocument } from './policy.js';
import type { AssumedRole } from './session.js';

/** The longest session of a role that is assumed by a session of a role, in seconds. */
const longestChained = 3600;

/** How a role is assumed by a caller. */
export interface Assumption {
  readonly input: AssumeRoleCommandInput;
  /** What people should know about it. */
  readonly notes: readonly string[];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining */
export function assumptionOf(
  role: AssumedRole,
  policy: PolicyDocument | undefined,
  caller: string,
): Assumption {
  const { durationSeconds, externalId, sourceIdentity, tags = {}, mfa } = role;
  const isChained = parsePrincipal(caller)?.isSession ?? false;
  const isClamped = isChained && durationSeconds !== undefined && durationSeconds > longestChained;
  const duration = isClamped ? longestChained : durationSeconds;
  return {
    input: {
      RoleArn: role.arn,
      RoleSessionName: role.sessionName,
      ...(duration !== undefined && { DurationSeconds: duration }),
      ...(externalId !== undefined && { ExternalId: externalId }),
      ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
      ...(Object.keys(tags).length > 0 && {
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
      ...(mfa?.code && { SerialNumber: mfa.serialNumber, TokenCode: mfa.code.reveal() }),
      ...(policy && { Policy: JSON.stringify(policy) }),
    },
    notes: isClamped
      ? [
          `the session of ${role.arn} lasts ${longestChained} s instead of ${durationSeconds} s: ${caller} is a role's session itself, and AWS limits those that it starts to one hour`,
        ]
      : [],
  };
}

/** What the trust policy of a role must hold for it to be assumed so. */
export function grantFor(role: AssumedRole): string {
  const { externalId, sourceIdentity, tags = {}, mfa } = role;
  const actions = [
    'sts:AssumeRole',
    ...(Object.keys(tags).length > 0 ? ['sts:TagSession'] : []),
    ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
  const without = [
    ...(externalId === undefined ? ['no external id'] : []),
    ...(mfa ? [] : ['no multi-factor code']),
  ];
  const given = without.length === 0 ? '' : ` (${without.join(' and ')} was given)`;
  return `the trust policy of the role must allow ${actions.join(', ')} to this caller${given}, and so must the caller's own policies`;
}
