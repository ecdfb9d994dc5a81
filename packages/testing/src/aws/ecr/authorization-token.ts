import {
  authorize,
  invalidParameter,
  listIn,
  seconds,
  type EcrCall,
  type EcrOperation,
} from './call.js';
import type { Audience } from './tokens.js';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html */
export const getAuthorizationToken: EcrOperation = (call) => {
  const { world, principal, region } = call;
  authorize(call, 'ecr:GetAuthorizationToken', '*');
  const accounts = listIn(call, 'registryIds')?.map(String) ?? [principal.account];
  if (accounts.length > 10) throw invalidParameter('registryIds', 'at most 10 items');
  const token = issue(call, `ecr ${region}`);
  return {
    authorizationData: accounts.map((account) => {
      const { host } = world.registries.private(account, region);
      const scheme = host.startsWith('127.') ? 'http' : 'https';
      return { ...token, proxyEndpoint: `${scheme}://${host}` };
    }),
  };
};

/** https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_GetAuthorizationToken.html */
export const getPublicAuthorizationToken: EcrOperation = (call) => {
  authorize(call, 'ecr-public:GetAuthorizationToken', '*');
  authorize(call, 'sts:GetServiceBearerToken', '*');
  return { authorizationData: issue(call, 'public password') };
};

function issue({ world, principal }: EcrCall, audience: Audience) {
  const { text, expiresAt } = world.registryTokens.issue(principal, audience);
  return {
    authorizationToken: Buffer.from(`AWS:${text}`).toString('base64'),
    expiresAt: seconds(expiresAt),
  };
}
