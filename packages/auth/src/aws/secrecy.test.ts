import { inspect } from 'node:util';

import { Secret } from '@teleport-plugins/secrets';
import { serveAws } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { ecrRegistryOf } from '../ecr/hostname.js';
import { ecrCredentials } from '../ecr/tokens.js';
import { failureOf } from './test/failure-of.js';
import {
  account,
  admin,
  ann,
  asAdmin,
  become,
  keyVariables,
  opened,
  whoIs,
} from './test/person.js';
import { serveScript, type ScriptedRequest } from './test/scripted.js';

const staging = `${account}.dkr.ecr.us-west-2.amazonaws.com`;

/** All that can be seen of something, the hidden members too. */
function everythingIn(value: unknown): string {
  return `${inspect(value, { depth: 9, showHidden: true })}\n${JSON.stringify(value)}`;
}

/** The whole request, as AWS repeats it in part when it refuses a signature. */
function echo({ headers, body }: ScriptedRequest): string {
  return `${JSON.stringify(headers)} ${body}`;
}

async function annInAws() {
  const emulator = await serveAws({ users: [{ arn: ann }], roles: [{ arn: admin, trust: [ann] }] });
  const keys = emulator.keysOf(ann);
  await become({ variables: keyVariables(keys) });
  return { emulator, keys };
}

test('a service that repeats the request in its error does not get secrets into ours', async () => {
  const { emulator, keys } = await annInAws();
  const { endpoint, requests } = await serveScript((request) => ({
    status: 403,
    body: JSON.stringify({
      __type: 'InvalidSignatureException',
      message: `The request was ${echo(request)}\n\nThe Canonical String was ${echo(request)}`,
      other: echo(request),
    }),
  }));
  const endpoints = { sts: emulator.endpoint, ecr: endpoint };
  const session = opened(emulator, { endpoints }).session(asAdmin);
  const error = await failureOf(ecrCredentials(session, ecrRegistryOf(staging)!)(staging));
  const { secretAccessKey, sessionToken = '' } = await session.credentials();
  expect(requests[0]?.headers['x-amz-security-token']).toBe(sessionToken);
  expect(error.code).toBe('credentials-invalid');
  for (const secret of [keys.secretAccessKey, secretAccessKey, sessionToken]) {
    expect(everythingIn(error)).not.toContain(secret);
  }
  expect(everythingIn(error)).toContain('[secret]');
});

test('an error of STS that repeats the code of a device and the keys shows neither', async () => {
  const { keys } = await annInAws();
  const { endpoint } = await serveScript((request) => {
    const isWho = request.body.includes('GetCallerIdentity');
    const who = `<Arn>${ann}</Arn><UserId>A</UserId><Account>${account}</Account>`;
    return isWho
      ? { body: `<X><GetCallerIdentityResult>${who}</GetCallerIdentityResult></X>` }
      : {
          status: 400,
          body: `<ErrorResponse><Error><Code>ValidationError</Code><Message>${keys.secretAccessKey} ${/TokenCode=\d+/.exec(request.body)?.[0]}</Message></Error></ErrorResponse>`,
        };
  });
  const mfa = { serialNumber: 'arn:aws:iam::1:mfa/ann', code: new Secret('909090') };
  const session = opened({ endpoint }).session({ role: { ...asAdmin.role, mfa } });
  const error = await failureOf(session.credentials());
  expect(error.code).toBe('request-refused');
  expect(error.message).toContain('"[secret] TokenCode=[secret]"');
  expect(everythingIn(error)).not.toContain('909090');
  expect(everythingIn(error)).not.toContain(keys.secretAccessKey);
});

test('a web identity token that STS repeats is not shown', async () => {
  const emulator = await serveAws();
  const token = emulator.webIdentityToken({ iss: 'https://ci', aud: 'x', sub: 'y' });
  const { endpoint } = await serveScript(() => ({
    status: 400,
    body: `<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>Cannot use ${token}</Message></Error></ErrorResponse>`,
  }));
  await become({
    files: { token: `${token}\n` },
    variables: (home) => ({
      AWS_WEB_IDENTITY_TOKEN_FILE: `${home}/token`,
      AWS_ROLE_ARN: admin,
    }),
  });
  const error = await failureOf(opened({ endpoint }).session().identity());
  expect(error.message).toContain('("Cannot use [secret]")');
  expect(everythingIn(error)).not.toContain(token);
});

test.each([
  ['that ends too early', '{"authorizationData":[{"authorizationToken":"b3BlbnNlc2FtZQ'],
  ['that is not JSON', 'b3BlbnNlc2FtZQ'],
  [
    'with what is not base64',
    '{"authorizationData":[{"authorizationToken":"-b3BlbnNlc2FtZQ","expiresAt":1}]}',
  ],
  [
    'without a colon',
    '{"authorizationData":[{"authorizationToken":"b3BlbnNlc2FtZQ==","expiresAt":1}]}',
  ],
])('a token in an answer %s is not shown', async (_, body) => {
  const { emulator } = await annInAws();
  const { endpoint } = await serveScript(() => ({ body }));
  const endpoints = { sts: emulator.endpoint, ecr: endpoint };
  const session = opened(emulator, { endpoints }).session(asAdmin);
  const error = await failureOf(ecrCredentials(session, ecrRegistryOf(staging)!)(staging));
  expect(error.code).toBe('answer-invalid');
  expect(everythingIn(error)).not.toContain('b3BlbnNl');
  expect(everythingIn(error)).not.toContain('opensesame');
});

test('keys in a session that STS gives with nonsense are not shown', async () => {
  await annInAws();
  const secrets =
    '<SecretAccessKey>hunter2hunter2</SecretAccessKey><SessionToken>hunter3</SessionToken>';
  const { endpoint } = await serveScript(({ body }) =>
    body.includes('GetCallerIdentity')
      ? {
          body: `<X><GetCallerIdentityResult><Arn>${ann}</Arn><Account>${account}</Account></GetCallerIdentityResult></X>`,
        }
      : {
          body: `<X><AssumeRoleResult><Credentials>${secrets}<Expiration>soon</Expiration></Credentials></AssumeRoleResult></X>`,
        },
  );
  const error = await failureOf(opened({ endpoint }).session(asAdmin).credentials());
  expect(everythingIn(error)).not.toMatch(/hunter/);
});

test('what a program for credentials says is not shown', async () => {
  const emulator = await serveAws();
  await become({
    variables: { AWS_PROFILE: 'release' },
    config:
      '[profile release]\ncredential_process = sh -c "echo opensesame; echo opensesame >&2; exit 1"\n',
  });
  const error = await failureOf(whoIs(emulator));
  expect(error.message).toBe(
    'AWS credentials of the profile "release": its credential_process fails ("Command failed: sh"); run what ~/.aws/config has there to see why, and correct it',
  );
  expect(everythingIn(error)).not.toContain('opensesame');
  await become({
    variables: { AWS_PROFILE: 'release' },
    config: '[profile release]\ncredential_process = TOKEN=opensesame false\n',
  });
  expect(everythingIn(await failureOf(whoIs(emulator)))).not.toContain('opensesame');
});

test('a session and a connection show no secrets', async () => {
  const { emulator, keys } = await annInAws();
  const aws = opened(emulator, { mfaCode: new Secret('909090') });
  const session = aws.session(asAdmin);
  const { secretAccessKey, sessionToken = '' } = await session.credentials();
  const shown = everythingIn([aws, session, await session.identity(), await session.key()]);
  for (const secret of [keys.secretAccessKey, secretAccessKey, sessionToken, '909090']) {
    expect(shown).not.toContain(secret);
  }
});
