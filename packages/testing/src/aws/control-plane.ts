import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

import type { ApiRequest } from './api-call.js';
import { apiRequest } from './api-request.js';
import { authenticate, skewMessage } from './authentication.js';
import type { Recording } from './calls.js';
import type { RestAnswer } from './cloudfront/operations.js';
import { AwsFault, faultBody, nameOf, type Protocol } from './fault.js';
import type { Misbehaviour, WrongFault } from './misbehaviour.js';
import type { Principal } from './principals.js';
import type { SignedRequest } from './sigv4.js';
import type { World } from './world.js';

/** Answers for STS, IAM Identity Center, ECR, ECR Public and CloudFront, all at one address. */
export async function answerApi(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '/', headers } = request;
  const signed: SignedRequest = { method, target: url, headers, body: await buffer(request) };
  const call = apiRequest(world, signed);
  const { service, action, parameters } = call;
  const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1];
  const recording = world.log.record({ service, action, parameters, ...(region && { region }) });
  const rule = world.misbehaviours.next(request, response, recording);
  if (rule === 'answered') return;
  const answer = await outcomeOf(world, signed, call, { rule, recording });
  recording.outcome = answer.outcome;
  // Clients set their clocks by it.
  response.setHeader('date', world.now().toUTCString());
  if (rule?.retryAfter !== undefined) response.setHeader('retry-after', rule.retryAfter);
  response.writeHead(answer.status, answer.headers).end(answer.body);
}

interface Circumstances {
  readonly rule: (Misbehaviour & { readonly as: WrongFault }) | undefined;
  readonly recording: Recording;
}

interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly outcome: string;
}

async function outcomeOf(
  world: World,
  signed: SignedRequest,
  call: ApiRequest,
  { rule, recording }: Circumstances,
): Promise<ApiAnswer> {
  const headers = { 'content-type': contentTypes[call.protocol] };
  try {
    const result = await resultOf(world, signed, call, { rule, recording });
    const answer: RestAnswer = typeof result === 'string' ? { body: result } : result;
    return {
      status: answer.status ?? 200,
      headers: { ...headers, ...answer.headers },
      ...{ body: answer.body, outcome: 'succeeded' },
    };
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    const { code, status } = nameOf(error.kind, call.protocol);
    const body = faultBody(call.protocol, code, error.message);
    return { status, headers: { ...headers, 'x-amzn-errortype': code }, body, outcome: code };
  }
}

const contentTypes: Readonly<Record<Protocol, string>> = {
  query: 'text/xml',
  'rest-xml': 'text/xml',
  json: 'application/x-amz-json-1.1',
};

async function resultOf(
  world: World,
  signed: SignedRequest,
  call: ApiRequest,
  { rule, recording }: Circumstances,
): Promise<string | RestAnswer> {
  if (call.isUnsigned) {
    if (rule) throw wrongly(world, call, rule.as, undefined);
    return call.perform();
  }
  const options = { service: call.service, tolerance: call.tolerance, now: world.now() };
  const caller = authenticate(signed, world.principals, options);
  recording.by = caller.principal.arn;
  if (rule) throw wrongly(world, call, rule.as, caller.principal);
  return call.perform(caller);
}

function wrongly(
  world: World,
  { service, action, tolerance }: ApiRequest,
  as: WrongFault,
  caller: Principal | undefined,
): AwsFault {
  const now = world.now();
  switch (as) {
    case 'expired-token':
      return new AwsFault('expired-token', 'The security token included in the request is expired');
    case 'throttled':
      return new AwsFault('throttled', 'Rate exceeded');
    case 'clock-skew': {
      const sent = new Date(now.getTime() - 3_600_000);
      return new AwsFault('bad-signature', skewMessage(sent, now, tolerance));
    }
    case 'access-denied': {
      const who = caller ? `User: ${caller.arn} is not` : 'Not';
      return new AwsFault(
        'access-denied',
        `${who} authorized to perform: ${service}:${action} on resource: *`,
      );
    }
  }
}
