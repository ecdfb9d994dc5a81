import type { ApiRequest } from './api-call.js';
import { privateOperations, publicOperations } from './ecr/operations.js';
import { cloudFrontRequest, isCloudFront } from './cloudfront/request.js';
import { AwsFault } from './fault.js';
import type { SignedRequest } from './sigv4.js';
import { roleCredentials } from './sso/role-credentials.js';
import { assumeRole } from './sts/assume-role.js';
import { assumeRoleWithWebIdentity } from './sts/web-identity.js';
import { resultXml } from './sts/xml.js';
import type { World } from './world.js';

export function apiRequest(world: World, request: SignedRequest): ApiRequest {
  const [target, action = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
  if (target === 'AmazonEC2ContainerRegistry_V20150921') return ecr(world, request, action);
  if (target === 'SpencerFrontendService') return ecrPublic(world, request, action);
  const url = new URL(request.target, 'http://localhost');
  if (isCloudFront(url.pathname)) return cloudFrontRequest(world, request, url.pathname);
  return url.pathname === '/federation/credentials'
    ? sso(world, request, url.searchParams)
    : sts(world, request, url.searchParams);
}

function ecr(world: World, request: SignedRequest, action: string): ApiRequest {
  const parameters = jsonOf(request);
  const operation = privateOperations[action];
  return {
    ...{ service: 'ecr', action, parameters, protocol: 'json', tolerance: 5 },
    async perform(caller) {
      if (!operation) throw unknownOperation();
      return JSON.stringify(await operation({ world, ...caller, parameters }));
    },
  };
}

function ecrPublic(world: World, request: SignedRequest, action: string): ApiRequest {
  const parameters = jsonOf(request);
  const operation = publicOperations[action];
  return {
    ...{ service: 'ecr-public', action, parameters, protocol: 'json', tolerance: 5 },
    async perform(caller) {
      if (!operation) throw unknownOperation();
      if (caller.region !== 'us-east-1') {
        throw new AwsFault(
          { code: 'UnsupportedCommandException' },
          `${action} command is only supported in us-east-1.`,
        );
      }
      return JSON.stringify(await operation({ world, ...caller, parameters }));
    },
  };
}

function sso(world: World, { headers }: SignedRequest, query: URLSearchParams): ApiRequest {
  const token = String(headers['x-amz-sso_bearer_token'] ?? '');
  return {
    ...{ service: 'sso', action: 'GetRoleCredentials', parameters: Object.fromEntries(query) },
    ...{ protocol: 'json', tolerance: 5, isUnsigned: true },
    perform: () => JSON.stringify(roleCredentials(world, query, token)),
  };
}

function sts(world: World, { method, body }: SignedRequest, query: URLSearchParams): ApiRequest {
  const form = method === 'POST' ? new URLSearchParams(Buffer.from(body).toString()) : query;
  const action = form.get('Action') ?? '';
  const shown = [...form].filter(([name]) => !['TokenCode', 'WebIdentityToken'].includes(name));
  const parameters = Object.fromEntries(shown);
  const common = { service: 'sts', action, parameters, protocol: 'query', tolerance: 15 } as const;
  if (action === 'AssumeRoleWithWebIdentity') {
    const perform = () => resultXml(action, assumeRoleWithWebIdentity(world, form));
    return { ...common, isUnsigned: true, perform };
  }
  return {
    ...common,
    perform({ principal }) {
      const { arn, userId, account } = principal;
      switch (action) {
        case 'AssumeRole':
          return resultXml(action, assumeRole(world, principal, form));
        case 'GetCallerIdentity':
          return resultXml(action, { Arn: arn, UserId: userId, Account: account });
        default:
          throw new AwsFault(
            { code: 'InvalidAction' },
            `Could not find operation ${action} for version 2011-06-15`,
          );
      }
    },
  };
}

function jsonOf({ body }: SignedRequest): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(body).toString() || '{}') as Readonly<Record<string, unknown>>;
}

function unknownOperation(): AwsFault {
  return new AwsFault({ code: 'UnknownOperationException' }, 'there is no such operation');
}
