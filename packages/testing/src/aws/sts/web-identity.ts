import { AwsFault } from '../fault.js';
import { allows } from '../policy.js';
import { accountOf, isList } from '../principals.js';
import type { World } from '../world.js';
import type { Tree } from '../../xml.js';
import { checkDuration, openSession } from './assume-role.js';
import type { IdentityClaims } from './identity-provider.js';
import { sessionRequest } from './parameters.js';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
export function assumeRoleWithWebIdentity(world: World, form: URLSearchParams): Tree {
  const request = sessionRequest(form);
  const claims = checkedClaims(world, form.get('WebIdentityToken') ?? '');
  const role = world.principals.role(request.roleArn);
  const issuer = claims.iss.replace('https://', '');
  const isTrusted =
    role &&
    !isList(role.trust) &&
    allows(role.trust, {
      action: 'sts:AssumeRoleWithWebIdentity',
      resource: '*',
      principals: [`arn:aws:iam::${accountOf(role.arn)}:oidc-provider/${issuer}`],
      context: { [`${issuer}:aud`]: claims.aud, [`${issuer}:sub`]: claims.sub },
    });
  if (!isTrusted) {
    throw new AwsFault('access-denied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
  }
  checkDuration(request, role, false);
  return {
    ...openSession(world, request),
    SubjectFromWebIdentityToken: claims.sub,
    Audience: claims.aud,
    Provider: claims.iss,
  };
}

function checkedClaims({ identityProvider, now }: World, token: string): IdentityClaims {
  const claims = identityProvider.claims(token);
  const invalid = { code: 'InvalidIdentityToken' };
  if (claims === undefined) {
    throw new AwsFault(
      invalid,
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  }
  if (claims === 'forged')
    throw new AwsFault(invalid, 'No OpenIDConnect provider found in your account');
  const seconds = Math.floor(now().getTime() / 1000);
  if (seconds < claims.exp) return claims;
  throw new AwsFault(
    { code: 'ExpiredTokenException' },
    `Token expired: current date/time ${seconds} must be before the expiration date/time ${claims.exp}`,
  );
}
