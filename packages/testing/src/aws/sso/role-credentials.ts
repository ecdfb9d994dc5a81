import { createHash } from 'node:crypto';

import { AwsFault } from '../fault.js';
import type { World } from '../world.js';
import type { SsoRole } from './tokens.js';

/**
 * GET /federation/credentials, for a role and an access token.
 * https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
 */
export function roleCredentials(world: World, query: URLSearchParams, token: string): unknown {
  const found = world.ssoTokens.find(token);
  if (!found || found.expiresAt <= world.now()) {
    throw new AwsFault(
      { code: 'UnauthorizedException', status: 401 },
      'Session token not found or invalid',
    );
  }
  const account = query.get('account_id');
  const name = query.get('role_name');
  const role = found.user.roles.find((each) => each.account === account && each.name === name);
  if (!role) throw new AwsFault({ code: 'ForbiddenException', status: 403 }, 'No access');
  const opened = world.principals.openSession(ssoRoleArn(role), {
    name: found.user.name,
    expiration: new Date(world.now().getTime() + 3_600_000),
  });
  return {
    roleCredentials: {
      accessKeyId: opened.accessKeyId,
      secretAccessKey: opened.secretAccessKey,
      sessionToken: opened.sessionToken,
      expiration: opened.expiration.getTime(),
    },
  };
}

/** The role that Identity Center makes of a permission set: what a trust policy names. */
export function ssoRoleArn({ account, name }: SsoRole): string {
  const suffix = createHash('sha256').update(`${account}/${name}`).digest('hex').slice(0, 16);
  return `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_${name}_${suffix}`;
}
