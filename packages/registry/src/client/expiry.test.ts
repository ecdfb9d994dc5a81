import { contentOf, type Content } from '@teleport-plugins/oci';
import { Secret } from '@teleport-plugins/secrets';
import { describe, expect, test } from 'vitest';

import type { Credential, CredentialProvider } from '../credential.js';
import { tokenServer } from './test/bearer.js';
import { runOut } from './test/expiring-guard.js';
import { opened, testClock } from './test/opened.js';
import { blobOf, manifestOf } from './test/samples.js';
import {
  complaint,
  json,
  scriptedServer,
  type Answer,
  type Recorded,
  type Reply,
  type Routes,
  type Script,
} from './test/scripted-server.js';

const { blob, bytes } = blobOf(1000);
const image = manifestOf();
const blobPath = `/v2/acme/app/blobs/${blob.digest}`;
const uploads = '/v2/acme/app/blobs/uploads/';
const manifestPath = `/v2/acme/app/manifests/${image.manifest.digest}`;
const begun: Answer = { status: 202, headers: { location: '/upload' } };
const created: Answer = { status: 201 };
const expired: Answer = { status: 403, body: runOut.ecr };

describe('a token that has run out', () => {
  test.each<[string, Answer]>([
    ['as ECR says it', expired],
    ['as ECR Public says it', { status: 400, body: runOut.ecrPublic }],
    [
      'as ECR once said it',
      {
        status: 403,
        body: "Your Authorization Token has expired. Please run 'aws ecr get-login' to fetch a new one.",
      },
    ],
    [
      'among other errors',
      json({ errors: [{ code: 'X' }, { message: 'Your authorization token has expired' }] }, 403),
    ],
  ])('%s, is replaced: the provider is told which one it was', async (_name, answer) => {
    const { server, provider, open } = await basic({ [`PUT ${manifestPath}`]: [answer, created] });
    await open().manifests.push(image.manifest, image.bytes);
    expect(server.requests.map(passwordOf)).toEqual(['1', '2']);
    expect(provider.told).toEqual([undefined, '1']);
    expect(server.requests[1]?.body).toEqual(image.bytes);
  });

  test('twice is the error, and the provider is not asked a third time', async () => {
    const { server, provider, open } = await basic({ [`POST ${uploads}`]: expired });
    const { blobs } = open();
    await expect(blobs.push(blob, contentOf(bytes))).rejects.toMatchObject({
      code: 'unauthorized',
      status: 403,
      transient: false,
      message: `${server.host}: cannot push blob ${blob.digest} to acme/app: the registry answered 403 (DENIED: Your authorization token has expired. Reauthenticate and try again.); log in again, or check what hands out the credential: it gives one that has run out`,
    });
    expect(server.requests.map(passwordOf)).toEqual(['1', '2']);
    await expect(blobs.push(blob, contentOf(bytes))).rejects.toMatchObject({ status: 403 });
    expect(server.requests.map(passwordOf)).toEqual(['1', '2', '2']);
    expect(provider.told).toHaveLength(2);
  });

  test('once more, later, is replaced once more', async () => {
    const clock = testClock();
    const served: Answer = { status: 200, body: image.bytes };
    const { server, provider, open } = await basic({
      [`GET ${manifestPath}`]: [served, expired, served, expired, served],
    });
    const { manifests } = open({ clock });
    await manifests.fetch(image.manifest);
    await manifests.fetch(image.manifest);
    clock.pass(12 * 3_600_000);
    await manifests.fetch(image.manifest);
    expect(server.requests.map(passwordOf)).toEqual(['1', '1', '2', '2', '3']);
    expect(provider.told).toEqual([undefined, '1', '2']);
  });

  test('is replaced once, however many are refused at once', async () => {
    const many = Array.from({ length: 16 }, (_, at) => blobOf(2000 + at));
    let isExpired = false;
    const unlessExpired =
      (answer: Answer): Script =>
      async (_response, _request, recorded) => {
        // All are refused before one asks again.
        if (passwordOf(recorded) === '1' && isExpired) await arrival(16);
        return passwordOf(recorded) === '1' && isExpired ? expired : answer;
      };
    const { server, provider, open } = await basic({
      [`PUT ${manifestPath}`]: unlessExpired(created),
      [`POST ${uploads}`]: unlessExpired(begun),
      'PUT /upload': unlessExpired(created),
    });
    const arrival = meeting();
    const { manifests, blobs } = open();
    await manifests.push(image.manifest, image.bytes);
    isExpired = true;
    await Promise.all(many.map((each) => blobs.push(each.blob, contentOf(each.bytes))));
    expect(provider.told).toEqual([undefined, '1']);
    expect(server.log.filter((line) => line.startsWith('POST'))).toHaveLength(32);
  });

  test('before it has served at all, is replaced once too', async () => {
    const arrival = meeting();
    const { provider, open } = await basic({
      [`POST ${uploads}`]: async (_response, _request, recorded) => {
        if (passwordOf(recorded) !== '1') return begun;
        await arrival(16);
        return expired;
      },
    });
    const { blobs } = open();
    const many = Array.from({ length: 16 }, (_, at) => blobOf(2000 + at));
    await Promise.all(many.map((each) => blobs.push(each.blob, contentOf(each.bytes))));
    expect(provider.told).toEqual([undefined, '1']);
  });

  test('is not told again by who is late to learn of it', async () => {
    let answerLate = (): void => undefined;
    const late = new Promise<void>((resolve) => (answerLate = resolve));
    const { server, provider, open } = await basic({
      [`PUT ${manifestPath}`]: [expired, created],
      [`POST ${uploads}`]: [() => late.then(() => expired), begun],
    });
    const { blobs, manifests } = open();
    const pushed = blobs.push(blob, contentOf(bytes));
    await expect.poll(() => server.log.length).toBe(1);
    await manifests.push(image.manifest, image.bytes);
    answerLate();
    await pushed;
    expect(provider.told).toEqual([undefined, '1']);
  });

  test('leaves a blob that cannot be sent again to its caller, and others with a new one', async () => {
    const large = blobOf(1_300_000);
    const { server, provider, open } = await basic({ 'PUT /upload': [expired, created] });
    const { blobs } = open();
    await expect(blobs.push(large.blob, pieces(large.bytes))).rejects.toMatchObject({
      code: 'unauthorized',
    });
    await blobs.push(blob, contentOf(bytes));
    expect(server.requests.map((each) => `${each.method} ${passwordOf(each)}`)).toEqual([
      'POST 1',
      'PUT 1',
      'DELETE 2',
      'POST 2',
      'PUT 2',
    ]);
    expect(provider.told).toHaveLength(2);
  });

  test('sends a large blob again, from its beginning, when that can be had', async () => {
    const large = blobOf(1_300_000);
    const { server, open } = await basic({ 'PUT /upload': [expired, created] });
    const reopen = () => pieces(large.bytes);
    await open().blobs.push(large.blob, reopen(), { reopen });
    expect(server.log.map((line) => line.slice(0, 4))).toEqual(['POST', 'PUT ', 'PUT ']);
    expect(server.requests.at(-1)?.body.equals(large.bytes)).toBe(true);
  });

  test('of a provider that has no other is sent again, as it may have been an accident', async () => {
    const same = { ...credential('1') };
    const { server, open } = await basic({
      [`PUT ${manifestPath}`]: [created, expired, created],
    });
    const { manifests } = open({ credentials: () => Promise.resolve(same) });
    await manifests.push(image.manifest, image.bytes);
    await manifests.push(image.manifest, image.bytes);
    expect(server.log).toHaveLength(3);
  });

  test('of a provider that fails is told again', async () => {
    const { server, open } = await basic({ [`PUT ${manifestPath}`]: [expired, expired, created] });
    const told: (string | undefined)[] = [];
    const answers = [credential('1'), new Error('no network to AWS'), credential('2')];
    const credentials: CredentialProvider = (_registry, { refused } = {}) => {
      told.push(refused && plain(refused));
      const answer = answers.shift();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    const { manifests } = open({ credentials });
    await expect(manifests.push(image.manifest, image.bytes)).rejects.toThrow('no network to AWS');
    await manifests.push(image.manifest, image.bytes);
    expect(told).toEqual([undefined, '1', '1']);
    expect(server.requests.map(passwordOf)).toEqual(['1', '1', '2']);
  });
});

describe('a refusal for another reason', () => {
  const phrase = 'Your authorization token has expired.';

  test.each<[string, Reply]>([
    ['says what is not allowed', complaint(403, 'DENIED', 'not authorized to perform this')],
    ['says nothing', { status: 403 }],
    ['is a web page', { status: 403, body: `<html>${phrase}</html>` }],
    ['says it too late', { status: 403, body: `${'x'.repeat(200_000)} ${phrase}` }],
    ['says it where nobody looks', json({ errors: [{ detail: phrase }], x: phrase }, 403)],
    [
      'never ends',
      (response) => {
        response.writeHead(403);
        const write = () => response.write('x'.repeat(65_536), (error) => error ?? write());
        write();
        return undefined;
      },
    ],
  ])('that %s is not repeated, and costs no credential', async (_name, reply) => {
    const { server, provider, open } = await basic({ [`PUT ${manifestPath}`]: reply });
    const pushed = open().manifests.push(image.manifest, image.bytes);
    await expect(pushed).rejects.toMatchObject({ code: 'denied', status: 403 });
    expect(server.log).toHaveLength(1);
    expect(provider.told).toHaveLength(1);
  });
});

describe('a look for a blob that is refused without saying why', () => {
  const mute = (status: number): Answer => ({ status });
  const first: Answer = { status: 206, headers: { 'content-range': 'bytes 0-0/1000' }, body: 'x' };

  test.each([403, 400])('(%i) is explained by GET, and then repeated', async (status) => {
    const { server, provider, open } = await basic({
      [`HEAD ${blobPath}`]: mute(status),
      [`GET ${blobPath}`]: [expired, first],
    });
    expect(await open().blobs.exists(blob)).toBe(true);
    expect(server.log).toEqual([`HEAD ${blobPath}`, `GET ${blobPath}`, `GET ${blobPath}`]);
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      'bytes=0-0',
      'bytes=0-0',
    ]);
    expect(provider.told).toEqual([undefined, '1']);
  });

  test.each<[string, Answer, boolean]>([
    ['one byte of it', first, true],
    ['all of it', { status: 200, headers: { 'content-length': '1000' }, body: bytes }, true],
    ['another blob', { ...first, headers: { 'content-range': 'bytes 0-0/999' } }, false],
    ['another blob, whole', { status: 200, body: 'x' }, false],
    ['that it may not', complaint(403, 'DENIED', 'no'), false],
    ['that it is absent', { status: 404 }, false],
    ['that it has no bytes', { status: 416 }, false],
  ])('knows what it says when that answers %s', async (_name, answer, expected) => {
    const { server, provider, open } = await basic({
      [`HEAD ${blobPath}`]: mute(403),
      [`GET ${blobPath}`]: answer,
    });
    expect(await open().blobs.exists(blob)).toBe(expected);
    expect(server.log).toHaveLength(2);
    expect(provider.told).toHaveLength(1);
  });
});

describe('a token server that does not accept a credential', () => {
  test('gets another one, where the provider has one, once', async () => {
    const { server, provider, open } = await bearer({ status: 403, body: runOut.ecr });
    await open().manifests.fetch(image.manifest);
    expect(tokenRequests(server)).toEqual(['1', '2']);
    expect(provider.told).toEqual([undefined, '1']);
  });

  test('is asked as nobody when there is no other: what is public is open', async () => {
    const { server, open } = await bearer({ status: 403, body: runOut.ecr });
    const credentials: CredentialProvider = (_registry, { refused } = {}) =>
      Promise.resolve(refused ? undefined : credential('1'));
    await open({ credentials }).manifests.fetch(image.manifest);
    expect(tokenRequests(server)).toEqual(['1', '']);
  });

  test('is not sent the same again', async () => {
    const { server, open } = await bearer({ status: 403, body: runOut.ecr });
    const credentials = () => Promise.resolve(credential('1'));
    await expect(open({ credentials }).manifests.fetch(image.manifest)).rejects.toMatchObject({
      code: 'unauthorized',
      message: `${server.host}: cannot read manifest ${image.manifest.digest} of acme/app: the registry answered 403 (DENIED: Your authorization token has expired. Reauthenticate and try again.); log in again, or check the credential`,
    });
    expect(tokenRequests(server)).toEqual(['1']);
  });

  test('gets another refresh token as well', async () => {
    const { server, open } = await bearer();
    const tokens = ['old', 'new'];
    server.route({
      'POST /token': [json({ error: 'invalid_grant' }, 400), json({ token: 'token-1' })],
      [`GET ${manifestPath}`]: [unauthorized(server.host), { status: 200, body: image.bytes }],
    });
    const credentials = () =>
      Promise.resolve<Credential>({ kind: 'identity', token: new Secret(tokens.shift() ?? '') });
    await open({ credentials }).manifests.fetch(image.manifest);
    const sent = server.requests.filter(({ method }) => method === 'POST');
    expect(
      sent.map(({ body }) => new URLSearchParams(body.toString()).get('refresh_token')),
    ).toEqual(['old', 'new']);
  });
});

test('tokens for several scopes that run out together cost one credential', async () => {
  const { server, provider, tokens, open } = await bearer();
  server.route({
    [`POST ${uploads}`]: tokens.guarded(begun),
    'PUT /upload': tokens.guarded(created),
  });
  const { manifests, blobs } = open();
  const read = () => manifests.fetch(image.manifest);
  const write = () => blobs.push(blob, contentOf(bytes));
  await read();
  await write();
  expect(tokens.asked).toHaveLength(2);
  tokens.revoke();
  await Promise.all([read(), write()]);
  expect(provider.told.filter((refused) => refused !== undefined)).toEqual(['1']);
});

test('a provider is told the object that it handed out last, though others before were the same', async () => {
  const clock = testClock();
  const { server, tokens, open } = await bearer();
  const handedOut: Credential[] = [];
  const told: (Credential | undefined)[] = [];
  const credentials: CredentialProvider = (_registry, { refused } = {}) => {
    told.push(refused);
    handedOut.push(credential('1'));
    return Promise.resolve(handedOut.at(-1));
  };
  const { manifests } = open({ clock, credentials });
  for (let token = 0; token < 3; token++) {
    await manifests.fetch(image.manifest);
    clock.pass(60_000);
  }
  await manifests.fetch(image.manifest);
  tokens.revoke();
  await manifests.fetch(image.manifest);
  expect(tokenRequests(server)).toHaveLength(5);
  expect(told.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
  expect(told[4]).toBe(handedOut[3]);
});

/** A registry that asks for Basic, and a provider with the passwords `1`, `2`, … */
async function basic(routes: Routes) {
  const server = await scriptedServer({
    [`POST ${uploads}`]: begun,
    'PUT /upload': created,
    ...routes,
  });
  const provider = renewing();
  const defaults = { challenge: 'Basic realm="ecr"', credentials: provider.credentials };
  const open = (options: Parameters<typeof opened>[1] = {}) =>
    opened(server.host, { ...defaults, ...options }).repository('acme/app');
  return { server, provider, open };
}

/** A registry behind a token server, which refuses the first credential in this way. */
async function bearer(refusal?: Answer) {
  const server = await scriptedServer();
  const tokens = tokenServer(() => `http://${server.host}/token`);
  server.route({
    'GET /token': refusal === undefined ? tokens.endpoint : [refusal, tokens.endpoint],
    [`GET ${manifestPath}`]: tokens.guarded({ status: 200, body: image.bytes }),
  });
  const provider = renewing();
  const open = (options: Parameters<typeof opened>[1] = {}) =>
    opened(server.host, { credentials: provider.credentials, ...options }).repository('acme/app');
  return { server, provider, tokens, open };
}

/** Hands out another password whenever it is told that the one it gave has been refused. */
function renewing() {
  const told: (string | undefined)[] = [];
  let current = credential('1');
  const credentials: CredentialProvider = (_registry, { refused } = {}) => {
    told.push(refused && plain(refused));
    if (refused === current) current = credential(String(Number(plain(current)) + 1));
    return Promise.resolve(current);
  };
  return { told, credentials };
}

function credential(password: string): Credential {
  return { kind: 'basic', username: 'AWS', password: new Secret(password) };
}

function plain(credential: Credential): string {
  return credential.kind === 'basic' ? credential.password.reveal() : credential.token.reveal();
}

function passwordOf({ headers }: Recorded): string {
  const { authorization = '' } = headers;
  return Buffer.from(authorization.slice('Basic '.length), 'base64')
    .toString()
    .slice('AWS:'.length);
}

function tokenRequests(server: Awaited<ReturnType<typeof scriptedServer>>): readonly string[] {
  return server.requests.filter(({ url }) => url.startsWith('/token')).map(passwordOf);
}

function unauthorized(host: string): Answer {
  return { status: 401, headers: { 'www-authenticate': `Bearer realm="http://${host}/token"` } };
}

/** Where so many wait for each other. */
function meeting(): (size: number) => Promise<void> {
  const waiting: (() => void)[] = [];
  return (size) =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === size) for (const go of waiting) go();
    });
}

// eslint-disable-next-line @typescript-eslint/require-await -- a content that is at hand
async function* pieces(content: Uint8Array): Content {
  for (let at = 0; at < content.byteLength; at += 65_536) yield content.subarray(at, at + 65_536);
}
