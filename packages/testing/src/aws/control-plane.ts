import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { authenticate, skewMessage } from './authentication.js';
import type { AwsService, Recording } from './calls.js';
import { privateOperations, publicOperations } from './ecr/operations.js';
import { AwsFault, nameOf, type Protocol } from './fault.js';
import { html503, type Misbehaviour } from './misbehaviour.js';
import type { SignedRequest } from './sigv4.js';
import { roleCredentials } from './sso/role-credentials.js';
import { assumeRole } from './sts/assume-role.js';
import { assumeRoleWithWebIdentity } from './sts/web-identity.js';
import { errorXml, resultXml } from './sts/xml.js';
import type { World } from './world.js';

/** What a request of the API is for, found out before anything is checked. */
interface ApiRequest {
  readonly service: Exclude<AwsService, 'registry'>;
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly protocol: Protocol;
  /** Gives the body of the answer. */
  readonly perform: (recording: Recording) => string | Promise<string>;
}

/** STS, IAM Identity Center, ECR and ECR Public, all at one address. */
export async function answerApi(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '/', headers } = request;
  const signed: SignedRequest = { method, target: url, headers, body: await buffer(request) };
  const { service, action, parameters, protocol, perform } = apiRequest(world, signed);
  const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1];
  const recording = world.log.record({ service, action, parameters, ...(region && { region }) });
  const respond = (status: number, body: string, contentType = contentTypes[protocol]) => {
    response.setHeader('date', world.now().toUTCString());
    response.writeHead(status, { 'content-type': contentType }).end(body);
  };
  const rule = world.misbehaviours.next(service, action);
  if (rule?.as === 'silence') return;
  if (rule?.as === 'dropped') {
    request.socket.destroy();
    return;
  }
  if (rule?.as === 'html-503') {
    recording.outcome = '503';
    respond(503, html503, 'text/html');
    return;
  }
  try {
    if (rule) throw wrongly(rule, world.now(), `${service}:${action}`);
    const body = await perform(recording);
    recording.outcome = 'succeeded';
    respond(200, body);
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    const { code, status } = nameOf(error.kind, protocol);
    recording.outcome = code;
    if (rule?.retryAfter !== undefined) response.setHeader('retry-after', rule.retryAfter);
    response.setHeader('x-amzn-errortype', code);
    const { message } = error;
    respond(
      status,
      protocol === 'query'
        ? errorXml(code, message, status < 500)
        : JSON.stringify({ __type: code, message }),
    );
  }
}

const contentTypes = { query: 'text/xml', json: 'application/x-amz-json-1.1' };

function apiRequest(world: World, signed: SignedRequest): ApiRequest {
  const url = new URL(signed.target, 'http://localhost');
  const [target = '', operation = ''] = String(signed.headers['x-amz-target'] ?? '').split('.');
  if (target === 'AmazonEC2ContainerRegistry_V20150921') {
    return ecrRequest(world, signed, 'ecr', operation);
  }
  if (target === 'SpencerFrontendService') {
    return ecrRequest(world, signed, 'ecr-public', operation);
  }
  if (url.pathname === '/federation/credentials') return ssoRequest(world, signed, url);
  return stsRequest(world, signed, url);
}

function ecrRequest(
  world: World,
  signed: SignedRequest,
  service: 'ecr' | 'ecr-public',
  action: string,
): ApiRequest {
  const operation = (service === 'ecr' ? privateOperations : publicOperations)[action];
  const parameters = JSON.parse(
    Buffer.from(signed.body).toString() || '{}',
  ) as ApiRequest['parameters'];
  const perform = async (recording: Recording) => {
    const now = world.now();
    const { principal, region } = authenticate(signed, world.principals, {
      service,
      tolerance: 5,
      now,
    });
    recording.by = principal.arn;
    if (!operation) throw new AwsFault({ code: 'UnknownOperationException' }, '');
    if (service === 'ecr-public' && region !== 'us-east-1') {
      throw new AwsFault(
        { code: 'UnsupportedCommandException' },
        `${action} command is only supported in us-east-1.`,
      );
    }
    return JSON.stringify(await operation({ world, principal, region, parameters }));
  };
  return { service, action, parameters, protocol: 'json', perform };
}

function ssoRequest(world: World, { headers }: SignedRequest, { searchParams }: URL): ApiRequest {
  const token = String(headers['x-amz-sso_bearer_token'] ?? '');
  return {
    service: 'sso',
    action: 'GetRoleCredentials',
    parameters: Object.fromEntries(searchParams),
    protocol: 'json',
    perform: () => JSON.stringify(roleCredentials(world, searchParams, token)),
  };
}

function stsRequest(world: World, signed: SignedRequest, url: URL): ApiRequest {
  const form = new URLSearchParams(
    signed.method === 'POST' ? Buffer.from(signed.body).toString() : url.search,
  );
  const action = form.get('Action') ?? '';
  const secret = ['TokenCode', 'WebIdentityToken'];
  const perform = (recording: Recording): string => {
    if (action === 'AssumeRoleWithWebIdentity') {
      return resultXml(action, assumeRoleWithWebIdentity(world, form));
    }
    const options = { service: 'sts', tolerance: 15, now: world.now() };
    const { principal } = authenticate(signed, world.principals, options);
    recording.by = principal.arn;
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
  };
  const parameters = Object.fromEntries([...form].filter(([name]) => !secret.includes(name)));
  return { service: 'sts', action, parameters, protocol: 'query', perform };
}

function wrongly({ as }: Misbehaviour, now: Date, action: string): AwsFault {
  switch (as) {
    case 'expired-token':
      return new AwsFault('expired-token', 'The security token included in the request is expired');
    case 'throttled':
      return new AwsFault('throttled', 'Rate exceeded');
    case 'clock-skew':
      return new AwsFault(
        'bad-signature',
        skewMessage(new Date(now.getTime() - 3_600_000), now, 5),
      );
    case 'access-denied':
    case 'silence':
    case 'dropped':
    case 'html-503':
      return new AwsFault(
        'access-denied',
        `User: arn:aws:iam::000000000000:user/nobody is not authorized to perform: ${action}`,
      );
  }
}
