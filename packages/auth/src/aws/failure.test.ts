import { serveAws, type Misbehaviour } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { ecrRegistryOf } from '../ecr/hostname.js';
import { ecrCredentials } from '../ecr/tokens.js';
import type { AwsOptions } from './aws.js';
import { sessionPolicy } from './policy.js';
import { failureOf, refusalOf } from './test/failure-of.js';
import {
  account,
  admin,
  adminSession,
  ann,
  asAdmin,
  become,
  keyVariables,
  opened,
} from './test/person.js';
import { serveScript } from './test/scripted.js';

const staging = `${account}.dkr.ecr.us-west-2.amazonaws.com`;

/** Who ann is before AWS has said it. */
const owner = 'the owner of AWS_ACCESS_KEY_ID';

/** AWS for ann, who asks for a token of the registry at `host`. */
async function annAsking(host = staging, session = asAdmin, options: Partial<AwsOptions> = {}) {
  const emulator = await serveAws({ users: [{ arn: ann }], roles: [{ arn: admin, trust: [ann] }] });
  await become({ variables: keyVariables(emulator.keysOf(ann)) });
  const aws = opened(emulator, options);
  const provider = ecrCredentials(aws.session(session), ecrRegistryOf(host)!);
  return { emulator, aws, server: new URL(emulator.endpoint).host, ask: () => provider(host) };
}

const calls = [
  {
    service: 'sts',
    action: 'GetCallerIdentity',
    host: staging,
    subject: `sts:GetCallerIdentity as ${owner}`,
  },
  {
    service: 'sts',
    action: 'AssumeRole',
    host: staging,
    subject: `sts:AssumeRole on ${admin} as ${ann}`,
  },
  {
    service: 'ecr',
    action: 'GetAuthorizationToken',
    host: staging,
    subject: `ecr:GetAuthorizationToken on registry ${account} in us-west-2 as ${adminSession}`,
  },
  {
    service: 'ecr-public',
    action: 'GetAuthorizationToken',
    host: 'public.ecr.aws',
    subject: `ecr-public:GetAuthorizationToken on public.ecr.aws as ${adminSession}`,
  },
] as const;

describe.each(calls)('$service:$action', ({ service, action, host, subject }) => {
  const failing = async (as: Misbehaviour['as'], options: Partial<AwsOptions> = {}) => {
    const { emulator, aws, ask, server } = await annAsking(host, asAdmin, options);
    emulator.misbehave({ service, action, as });
    const [code, message] = await refusalOf(ask());
    const times = emulator.calls.all.filter(
      (call) => call.service === service && call.action === action,
    ).length;
    return { code, message, times, pauses: aws.pauses, server };
  };

  test('with a clock that is wrong', async () => {
    const { code, message, times } = await failing('clock-skew');
    expect(code).toBe('clock-wrong');
    expect(message).toBe(
      `${subject}: the clock of this machine is wrong by more than AWS accepts; set it (timedatectl, NTP) and try again`,
    );
    expect(times).toBeLessThanOrEqual(5);
  });

  test('throttled for ever', async () => {
    const { code, message, times, pauses } = await failing('throttled');
    expect(code).toBe('throttled');
    expect(message).toBe(
      `${subject}: AWS throttles it, 5 times; try again later, or with fewer at a time`,
    );
    expect(times).toBe(5);
    expect(pauses).toEqual([500, 1000, 2000, 4000]);
  });

  test('answered by a page', async () => {
    const { code, message, times, pauses, server } = await failing('html-503');
    expect(code).toBe('service-failed');
    expect(message).toBe(
      `${subject}: ${server} answers 503, 5 times; try again later, or see https://health.aws.amazon.com`,
    );
    expect(times).toBe(5);
    expect(pauses).toEqual([125, 250, 500, 1000]);
  });

  test('cut off', async () => {
    const { code, message, server } = await failing('dropped');
    expect(code).toBe('unreachable');
    expect(message).toBe(
      `${subject}: ${server} cannot be reached (ECONNRESET), 5 times; check the network, the proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL`,
    );
  });

  test('not answered', async () => {
    const timeouts = { connect: 5000, answer: 500 };
    const { code, message, server } = await failing('silence', { timeouts });
    expect(code).toBe('timeout');
    expect(message).toBe(
      `${subject}: no answer from ${server} in time, 5 times; check the network and try again`,
    );
  });

  test('with credentials that have expired', async () => {
    const { code, message, times } = await failing('expired-token');
    expect(code).toBe('credentials-expired');
    expect(message).toBe(
      `${subject}: the credentials have expired; get new ones (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) and try again`,
    );
    expect(times).toBeLessThanOrEqual(2);
  });
});

test('who may not have a token of ECR is told what is missing', async () => {
  const { emulator, ask } = await annAsking();
  emulator.misbehave({ service: 'ecr', as: 'access-denied' });
  expect(await refusalOf(ask())).toEqual([
    'access-denied',
    `ecr:GetAuthorizationToken on registry ${account} in us-west-2 as ${adminSession}: access denied; its policies must allow ecr:GetAuthorizationToken`,
  ]);
});

test('who may have no bearer token for ECR Public is told that this is what is missing', async () => {
  const policy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'ecr-public:*', Resource: '*' }],
  } as const;
  const emulator = await serveAws({
    users: [{ arn: ann }],
    roles: [{ arn: admin, trust: [ann], policy }],
  });
  await become({ variables: keyVariables(emulator.keysOf(ann)) });
  const session = opened(emulator).session(asAdmin);
  const ask = ecrCredentials(session, { kind: 'public' });
  expect(await refusalOf(ask('public.ecr.aws'))).toEqual([
    'access-denied',
    `ecr-public:GetAuthorizationToken on public.ecr.aws as ${adminSession}: access denied, sts:GetServiceBearerToken is missing; its policies must allow sts:GetServiceBearerToken`,
  ]);
});

test('who has narrowed the session too far is told so', async () => {
  const pull = [`arn:aws:ecr:us-west-2:${account}:repository/acme/app`];
  const policy = sessionPolicy({ pull, push: [], create: [] });
  const { ask } = await annAsking('public.ecr.aws', { ...asAdmin, policy } as typeof asAdmin);
  expect(await refusalOf(ask())).toEqual([
    'access-denied',
    `ecr-public:GetAuthorizationToken on public.ecr.aws as ${adminSession}: access denied; the session policy of this step does not allow it (--print-policy shows it)`,
  ]);
});

test('a duration that the role does not have', async () => {
  const { aws } = await annAsking();
  const role = { ...asAdmin.role, durationSeconds: 7200 };
  expect(await refusalOf(aws.session({ role }).credentials())).toEqual([
    'request-refused',
    `sts:AssumeRole on ${admin} as ${ann}: it is refused (ValidationError: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."); correct that and try again`,
  ]);
});

test('no region is set', async () => {
  const { emulator } = await annAsking();
  const session = opened(emulator, { region: undefined }).session(asAdmin);
  expect(await refusalOf(session.credentials())).toEqual([
    'region-missing',
    `sts:GetCallerIdentity as ${owner}: no region is set; set AWS_REGION, or a region in the profile`,
  ]);
});

test('nothing listens at the endpoint', async () => {
  const { emulator } = await annAsking();
  const aws = opened(emulator, { endpoints: { sts: 'http://127.0.0.1:1' } });
  expect(await refusalOf(aws.session(asAdmin).credentials())).toEqual([
    'unreachable',
    `sts:GetCallerIdentity as ${owner}: 127.0.0.1:1 cannot be reached (ECONNREFUSED); check the network, the proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL`,
  ]);
  expect(aws.pauses).toEqual([]);
});

test('nothing listens at any address of the endpoint', async () => {
  const { emulator } = await annAsking();
  const aws = opened(emulator, { endpoints: { sts: 'http://localhost:1' } });
  const [code, message] = await refusalOf(aws.session(asAdmin).credentials());
  expect(code).toBe('unreachable');
  expect(message).toMatch(
    /^sts:GetCallerIdentity as .*: (?:127\.0\.0\.1|::1):1 cannot be reached \(ECONNREFUSED\); check /,
  );
  expect(aws.pauses).toEqual([]);
});

test('the endpoint has no address', async () => {
  const { emulator } = await annAsking();
  const aws = opened(emulator, { endpoints: { sts: 'http://sts.invalid' } });
  const { code, message } = await failureOf(aws.session(asAdmin).credentials());
  expect(code).toBe('unreachable');
  expect(message).toBe(
    `sts:GetCallerIdentity as ${owner}: sts.invalid has no address (DNS); check the network, the region and AWS_ENDPOINT_URL`,
  );
});

test('an endpoint that is none of AWS', async () => {
  const { emulator } = await annAsking();
  const { endpoint } = await serveScript(() => ({ body: '<html>Sign in to the hotel</html>' }));
  const aws = opened(emulator, { endpoints: { sts: endpoint } });
  expect(await refusalOf(aws.session(asAdmin).credentials())).toEqual([
    'answer-invalid',
    `sts:GetCallerIdentity: the answer has no Arn; see what answers at ${new URL(endpoint).host} (AWS_ENDPOINT_URL, proxies)`,
  ]);
});

test.each([
  ['', 'credentials'],
  ['<Credentials></Credentials>', 'credentials'],
  [
    '<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey></Credentials>',
    'credentials',
  ],
  [
    '<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials>',
    'Expiration',
  ],
  [
    '<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>',
    'Arn',
  ],
  [
    '<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::146628656107:assumed-role/a/b\nc</Arn></AssumedRoleUser>',
    'Arn',
  ],
])('a session without something (%s) is one clear error', async (result, missing) => {
  await annAsking();
  const { endpoint } = await serveScript(({ body }) => {
    const action = new URLSearchParams(body).get('Action') ?? '';
    const who = `<Arn>${ann}</Arn><UserId>A</UserId><Account>${account}</Account>`;
    const content = action === 'AssumeRole' ? result : who;
    return {
      body: `<${action}Response><${action}Result>${content}</${action}Result></${action}Response>`,
    };
  });
  const aws = opened({ endpoint });
  expect(await refusalOf(aws.session(asAdmin).credentials())).toEqual([
    'answer-invalid',
    `sts:AssumeRole: the answer has no ${missing}; see what answers at ${new URL(endpoint).host} (AWS_ENDPOINT_URL, proxies)`,
  ]);
});

test("AWS's own words are kept as the cause", async () => {
  const { emulator, ask } = await annAsking();
  emulator.misbehave({ service: 'ecr', as: 'throttled' });
  const { cause } = await failureOf(ask());
  expect(cause).toMatchObject({
    name: 'ThrottlingException',
    message: 'Rate exceeded',
    status: 400,
  });
});
