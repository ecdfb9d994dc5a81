import { authorize, listIn, seconds, type EcrCall, type EcrOperation } from './call.js';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html */
export const getAuthorizationToken: EcrOperation = (call) => {
  const { world, principal, region } = call;
  authorize(call, 'ecr:GetAuthorizationToken', '*');
  const accounts = listIn(call, 'registryIds')?.map(String) ?? [principal.account];
  const token = issue(call, region);
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
  return { authorizationData: issue(call, undefined) };
};

function issue({ world, principal }: EcrCall, region: string | undefined) {
  const { password, expiresAt } = world.registryTokens.issue(principal, region);
  return {
    authorizationToken: Buffer.from(`AWS:${password}`).toString('base64'),
    expiresAt: seconds(expiresAt),
  };
}
