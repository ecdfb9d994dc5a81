import { contentOf } from '@teleport-plugins/oci';
import { Secret } from '@teleport-plugins/secrets';
import { describe, expect, test } from 'vitest';

import type { Credential, CredentialProvider } from '../credential.js';
import { tokenServer } from './test/bearer.js';
import { opened, testClock } from './test/opened.js';
import { blobOf, manifestOf } from './test/samples.js';
import {
  complaint,
  json,
  scriptedServer,
  silence,
  type Answer,
  type Routes,
} from './test/scripted-server.js';

const { bytes, manifest } = manifestOf();
const found: Answer = {
  status: 200,
  headers: {
    'content-type': manifest.mediaType,
    'docker-content-digest': manifest.digest,
    'content-length': String(manifest.size),
  },
};
const head = '/v2/acme/app/manifests/1.0.0';
const basic: Credential = { kind: 'basic', username: 'ann', password: new Secret('pässword:x') };
const basicHeader = `Basic ${Buffer.from('ann:pässword:x').toString('base64')}`;

describe('a registry that asks for nothing', () => {
  test('is sent nothing, and no credential is looked up for it', async () => {
    const server = await scriptedServer({ [`HEAD ${head}`]: found });
    let lookups = 0;
    const credentials = () => {
      lookups += 1;
      return Promise.resolve(basic);
    };
    const { manifests } = opened(server.host, { credentials }).repository('acme/app');
    expect(await manifests.resolve('1.0.0')).toEqual(manifest);
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
    expect(lookups).toBe(0);
  });
});

describe('a registry that asks for Basic', () => {
  const guarded = (answer: Answer) => ({
    [`HEAD ${head}`]: [unauthorized('Basic realm="test"'), answer],
  });

  test('gets user name and password, and again without being asked', async () => {
    const server = await scriptedServer(guarded(found));
    const asked: string[] = [];
    const credentials = (registry: string) => {
      asked.push(registry);
      return Promise.resolve(basic);
    };
    const { manifests } = opened(server.host, { credentials }).repository('acme/app');
    await manifests.resolve('1.0.0');
    await manifests.resolve('1.0.0');
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      basicHeader,
      basicHeader,
    ]);
    expect(asked).toEqual([server.host]);
  });

  test('gets it with the first request when that is known', async () => {
    const server = await scriptedServer({ [`HEAD ${head}`]: found });
    const options = { credentials: () => Promise.resolve(basic), challenge: 'Basic realm="ecr"' };
    await opened(server.host, options).repository('acme/app').manifests.resolve('1.0.0');
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([basicHeader]);
  });

  test('is given up on without a credential, saying so', async () => {
    const server = await scriptedServer(guarded(found));
    const { manifests } = opened(server.host).repository('acme/app');
    await expect(manifests.resolve('1.0.0')).rejects.toMatchObject({
      code: 'unauthorized',
      message: `${server.host}: cannot resolve acme/app:1.0.0: the registry asks for a user name and password; log in: there is no credential for ${server.host}`,
    });
    expect(server.log).toHaveLength(1);
  });

  test('is asked once more with a new credential when it refuses one', async () => {
    const refusal = unauthorized('Basic realm="test"');
    const server = await scriptedServer({ [`HEAD ${head}`]: [refusal, refusal, found] });
    const passwords = ['old', 'new'];
    const credentials = () =>
      Promise.resolve<Credential>({ ...basic, password: new Secret(passwords.shift() ?? '') });
    await opened(server.host, { credentials }).repository('acme/app').manifests.resolve('1.0.0');
    const sent = server.requests.map(({ headers }) => headers.authorization ?? '');
    expect(sent.map((header) => Buffer.from(header.slice(6), 'base64').toString())).toEqual([
      '',
      'ann:old',
      'ann:new',
    ]);
  });

  test('is not asked a third time', async () => {
    const refusal = complaint(401, 'UNAUTHORIZED', 'bad password');
    const challenge = { ...refusal, headers: { 'www-authenticate': 'Basic realm="test"' } };
    const server = await scriptedServer({
      [`GET ${head}`]: challenge,
      [`HEAD ${head}`]: challenge,
    });
    const credentials = () => Promise.resolve(basic);
    const { manifests } = opened(server.host, { credentials }).repository('acme/app');
    const failure = await manifests.resolve('1.0.0').catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'unauthorized',
      status: 401,
      message: `${server.host}: cannot resolve acme/app:1.0.0: the registry answered 401 (UNAUTHORIZED: bad password); log in, or check the credential`,
    });
    expect(String(failure)).not.toContain('pässword');
    // HEAD tells nothing, so it is asked again with GET. A password that never served is not sent twice for one.
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'GET']);
  });

  test('is told when the user name cannot be sent, or the credential is a token', async () => {
    for (const credential of [
      { ...basic, username: 'a:b' },
      { kind: 'bearer', token: new Secret('x') },
    ] as const) {
      const server = await scriptedServer(guarded(found));
      const credentials = () => Promise.resolve(credential);
      const { manifests } = opened(server.host, { credentials }).repository('acme/app');
      await expect(manifests.resolve('1.0.0')).rejects.toMatchObject({ code: 'unauthorized' });
    }
  });

  test('does not get what a failing provider has, but its error', async () => {
    const server = await scriptedServer(guarded(found));
    const credentials = () => Promise.reject(new Error('no network to AWS'));
    const { manifests } = opened(server.host, { credentials }).repository('acme/app');
    await expect(manifests.resolve('1.0.0')).rejects.toThrow('no network to AWS');
  });
});

describe('a registry that asks for a token', () => {
  test('gets one from the server it names, for what is done with it', async () => {
    const { server, tokens, open } = await bearer();
    await open({ credentials: () => Promise.resolve(basic) })
      .repository('acme/app')
      .manifests.resolve('1.0.0');
    expect(server.log).toEqual([
      `HEAD ${head}`,
      'GET /token?service=test+registry&scope=repository%3Aacme%2Fapp%3Apull',
      `HEAD ${head}`,
    ]);
    expect(tokens.authorizations).toEqual([basicHeader]);
    expect(server.requests[2]?.headers.authorization).toBe('Bearer token-1');
  });

  test('anonymously, where there is no credential', async () => {
    const { tokens, open } = await bearer();
    await open().repository('acme/app').manifests.resolve('1.0.0');
    expect(tokens.authorizations).toEqual([undefined]);
  });

  test('with POST, for an identity token', async () => {
    const { tokens, open } = await bearer();
    const credential: Credential = { kind: 'identity', token: new Secret('refresh me') };
    await open({ credentials: () => Promise.resolve(credential) })
      .repository('acme/app')
      .manifests.resolve('1.0.0');
    expect(Object.fromEntries(tokens.asked[0] ?? [])).toEqual({
      grant_type: 'refresh_token',
      service: 'test registry',
      scope: 'repository:acme/app:pull',
      client_id: 'teleport-plugins',
      refresh_token: 'refresh me',
    });
    expect(tokens.authorizations).toEqual([undefined]);
  });

  test('directly, when the credential is a token for the registry', async () => {
    const { server, tokens, open } = await bearer();
    server.route({
      [`HEAD ${head}`]: [unauthorized('Bearer realm="http://127.0.0.1:1/token"'), found],
    });
    const credential: Credential = { kind: 'bearer', token: new Secret('ready-made') };
    await open({ credentials: () => Promise.resolve(credential) })
      .repository('acme/app')
      .manifests.resolve('1.0.0');
    expect(server.requests[1]?.headers.authorization).toBe('Bearer ready-made');
    expect(tokens.asked).toEqual([]);
  });

  test('keeps seeing the same token until that runs out', async () => {
    const clock = testClock();
    const { server, tokens, open } = await bearer({ expiresIn: 300 });
    const { manifests } = open({ clock }).repository('acme/app');
    await manifests.resolve('1.0.0');
    clock.pass(269_000);
    await manifests.resolve('1.0.0');
    expect(tokens.asked).toHaveLength(1);
    clock.pass(2000);
    await manifests.resolve('1.0.0');
    expect(tokens.asked).toHaveLength(2);
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer token-2');
    // None of these was refused: only the very first request went without.
    expect(server.log.filter((line) => line.startsWith('HEAD'))).toHaveLength(4);
  });

  test('sees a token of 60 seconds when nothing is said', async () => {
    const clock = testClock();
    const { tokens, open } = await bearer();
    const { manifests } = open({ clock }).repository('acme/app');
    for (const [pass, count] of [
      [0, 1],
      [53_000, 1],
      [2000, 2],
    ] as const) {
      clock.pass(pass);
      await manifests.resolve('1.0.0');
      expect(tokens.asked).toHaveLength(count);
    }
  });

  test('costs one refused request and one token, however many begin at once', async () => {
    const { server, tokens, open } = await bearer();
    const { manifests } = open().repository('acme/app');
    await Promise.all(Array.from({ length: 20 }, () => manifests.resolve('1.0.0')));
    expect(tokens.asked).toHaveLength(1);
    expect(server.log).toHaveLength(1 + 1 + 20);
  });

  test('costs another token for writing, which then serves for reading as well', async () => {
    const { blob, bytes: content } = blobOf(10);
    const { server, tokens, open } = await bearer();
    server.route({
      'POST /v2/acme/app/blobs/uploads/': tokens.guarded({
        status: 202,
        headers: { location: '/upload' },
      }),
      'PUT /upload': tokens.guarded({ status: 201 }),
    });
    const { manifests, blobs } = open().repository('acme/app');
    await manifests.resolve('1.0.0');
    await blobs.push(blob, contentOf(content));
    await manifests.resolve('1.0.0');
    expect(tokens.asked.map((query) => query.getAll('scope'))).toEqual([
      ['repository:acme/app:pull'],
      ['repository:acme/app:pull,push'],
    ]);
  });

  test('costs one token in all when writing is announced', async () => {
    const { blob, bytes: content } = blobOf(10);
    const { server, tokens, open } = await bearer();
    server.route({
      'POST /v2/acme/app/blobs/uploads/': tokens.guarded({
        status: 202,
        headers: { location: '/upload' },
      }),
      'PUT /upload': tokens.guarded({ status: 201 }),
    });
    const { manifests, blobs } = open().repository('acme/app', { access: 'push' });
    await manifests.resolve('1.0.0');
    await blobs.push(blob, contentOf(content));
    expect(tokens.asked.map((query) => query.getAll('scope'))).toEqual([
      ['repository:acme/app:pull,push'],
    ]);
  });

  test('for a mount, sees a token for both repositories', async () => {
    const { blob } = blobOf(10);
    const { server, tokens, open } = await bearer();
    server.route({ 'POST /v2/acme/app/blobs/uploads/': tokens.guarded({ status: 201 }) });
    expect(await open().repository('acme/app').blobs.mount(blob, 'acme/base')).toBe(true);
    expect(tokens.asked.map((query) => query.getAll('scope'))).toEqual([
      ['repository:acme/app:pull,push', 'repository:acme/base:pull'],
    ]);
  });

  test('sees a new token, once, when it refuses one before its time', async () => {
    const { server, tokens, open } = await bearer({ expiresIn: 3600 });
    const { manifests } = open().repository('acme/app');
    await manifests.resolve('1.0.0');
    tokens.revoke();
    await Promise.all(Array.from({ length: 5 }, () => manifests.resolve('1.0.0')));
    expect(tokens.asked).toHaveLength(2);
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer token-2');
  });

  test('sees a new token when it says 403 to one that has run out, as ECR does', async () => {
    const { server, tokens, open } = await bearer();
    const { manifests } = open().repository('acme/app');
    await manifests.resolve('1.0.0');
    const expired = complaint(
      403,
      'DENIED',
      'Your authorization token has expired. Reauthenticate and try again.',
    );
    const get = `GET /v2/acme/app/manifests/${manifest.digest}`;
    server.route({ [get]: [expired, { status: 200, body: bytes }] });
    await manifests.fetch(manifest);
    expect(tokens.asked).toHaveLength(2);
  });

  test('may want another scope than one would think, for one request or for all', async () => {
    const { tokens, open } = await bearer({ scope: 'repository:mirror/acme/app:pull' });
    await open().repository('acme/app').manifests.resolve('1.0.0');
    expect(tokens.asked[0]?.getAll('scope')).toEqual([
      'repository:acme/app:pull',
      'repository:mirror/acme/app:pull',
    ]);

    const everything = await bearer({ scope: 'aws' });
    const registry = everything.open();
    everything.server.route({
      'HEAD /v2/other/manifests/1': everything.tokens.guarded({ status: 404 }),
    });
    await registry.repository('acme/app').manifests.resolve('1.0.0');
    await registry.repository('other').manifests.resolve('1');
    expect(everything.tokens.asked.map((query) => query.getAll('scope'))).toEqual([['aws']]);
  });

  test('may want another scope only when it sees the token, of many requests at once', async () => {
    const { server, tokens, open } = await bearer();
    const realm = `Bearer realm="http://${server.host}/token"`;
    const arrived: (() => void)[] = [];
    server.route({
      [`HEAD ${head}`]: async (_response, _request, { headers }) => {
        if (headers.authorization === undefined) return unauthorized(realm);
        if (headers.authorization !== 'Bearer token-1') return found;
        // All are refused before one asks again.
        await new Promise<void>((resolve) => {
          arrived.push(resolve);
          if (arrived.length === 5) for (const go of arrived) go();
        });
        return unauthorized(`${realm},scope="aws"`);
      },
    });
    let lookups = 0;
    const credentials: CredentialProvider = (_registry, { refused } = {}) => {
      lookups += 1;
      expect(refused).toBeUndefined();
      return Promise.resolve(basic);
    };
    const { manifests } = open({ credentials }).repository('acme/app');
    await Promise.all(Array.from({ length: 5 }, () => manifests.resolve('1.0.0')));
    expect(tokens.asked.map((query) => query.get('scope'))).toEqual([
      'repository:acme/app:pull',
      'aws',
    ]);
    expect(lookups).toBe(2);
  });

  test('is preferred to Basic where both are offered', async () => {
    const { server, tokens, open } = await bearer();
    const both = ['Basic realm="x"', `Bearer realm="http://${server.host}/token"`];
    const answer: Answer = { status: 401, headers: { 'www-authenticate': both } };
    server.route({ [`HEAD ${head}`]: [answer, found] });
    await open().repository('acme/app').manifests.resolve('1.0.0');
    expect(tokens.asked).toHaveLength(1);
  });

  test('is not what it is when it asks for something unknown', async () => {
    const server = await scriptedServer({
      [`HEAD ${head}`]: unauthorized('Negotiate'),
      [`GET ${head}`]: unauthorized('Negotiate'),
    });
    await expect(
      opened(server.host, { credentials: () => Promise.resolve(basic) })
        .repository('acme/app')
        .manifests.resolve('1.0.0'),
    ).rejects.toMatchObject({ code: 'unauthorized', status: 401 });
    expect(server.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });
});

describe('a token server', () => {
  test.each([
    ['says no', complaint(401, 'UNAUTHORIZED', 'wrong password'), { code: 'unauthorized' }],
    [
      'says no in the way of OAuth',
      json({ error: 'invalid_grant' }, 400),
      { code: 'unauthorized' },
    ],
    ['answers with a web page', { status: 200, body: '<html>' }, { code: 'garbage' }],
    ['answers without a token', json({ access_token: 5 }), { code: 'garbage' }],
    ['answers with a list', json([]), { code: 'garbage' }],
    ['answers with a header in the token', json({ token: 'a\r\nx: y' }), { code: 'garbage' }],
    [
      'answers with too much',
      { status: 200, body: Buffer.alloc(2 * 1024 * 1024) },
      { code: 'garbage' },
    ],
    ['is not there', { status: 404 }, { code: 'unauthorized', status: 404 }],
    ['is overloaded', { status: 503 }, { code: 'unavailable', transient: true }],
  ] as const)('that %s is told about as itself', async (_name, answer, expected) => {
    const { server, open } = await bearer();
    server.route({ 'GET /token': answer });
    const credentials = () => Promise.resolve(basic);
    const failure = open({ credentials }).repository('acme/app').manifests.resolve('1.0.0');
    await expect(failure).rejects.toMatchObject(expected);
    await expect(failure).rejects.toThrow(`${server.host}: cannot resolve acme/app:1.0.0: `);
  });

  test('is asked again when it fails for a reason that passes', async () => {
    const { server, tokens, open } = await bearer();
    server.route({ 'GET /token': [{ status: 503 }, { status: 429 }, tokens.endpoint] });
    await open().repository('acme/app').manifests.resolve('1.0.0');
    expect(server.log.filter((line) => line.startsWith('GET /token'))).toHaveLength(3);
  });

  test('is not asked more often than any other server', async () => {
    const { server, open } = await bearer();
    server.route({ 'GET /token': { status: 503 } });
    await open()
      .repository('acme/app')
      .manifests.resolve('1.0.0')
      .catch(() => undefined);
    expect(server.log.filter((line) => line.startsWith('GET /token'))).toHaveLength(6);
  });

  test('that repeats the secret does not bring it into the message', async () => {
    const { server, open } = await bearer();
    server.route({
      'POST /token': json(
        { error: 'invalid_grant', error_description: 'no such token: refresh-me' },
        400,
      ),
    });
    const credential: Credential = { kind: 'identity', token: new Secret('refresh-me') };
    const { manifests } = open({ credentials: () => Promise.resolve(credential) }).repository(
      'acme/app',
    );
    const failure = await manifests.resolve('1.0.0').catch((error: unknown) => error);
    expect(String(failure)).toContain(
      'answered 400 (invalid_grant, no such token: [secret]); log in again, or check the credential',
    );
    expect(String(failure)).not.toContain('refresh-me');
  });

  test('that nobody can trust gets no credential', async () => {
    const elsewhere = await scriptedServer();
    const server = await scriptedServer({
      [`HEAD ${head}`]: unauthorized(
        'Bearer realm="http://auth.example/token?x=secret",service="s"',
      ),
    });
    let lookups = 0;
    const credentials = () => {
      lookups += 1;
      return Promise.resolve(basic);
    };
    await expect(
      opened(server.host, { credentials }).repository('acme/app').manifests.resolve('1.0.0'),
    ).rejects.toMatchObject({
      code: 'unsafe-address',
      message: `${server.host}: cannot resolve acme/app:1.0.0: the registry sends for a token to http://auth.example/token, which gets no credential of ${server.host}; a token server must be on https, or be the registry itself`,
    });
    expect(elsewhere.log).toEqual([]);
    expect(lookups).toBeLessThanOrEqual(1);
  });

  test('that redirects to another origin takes no credential there', async () => {
    const elsewhere = await scriptedServer({ 'GET /token': json({ token: 'stolen' }) });
    const { server } = await bearer();
    server.route({
      'GET /token': { status: 307, headers: { location: `http://${elsewhere.host}/token` } },
      'POST /token': { status: 307, headers: { location: `http://${elsewhere.host}/token` } },
    });
    for (const credential of [basic, { kind: 'identity', token: new Secret('x') }] as const) {
      const credentials = () => Promise.resolve(credential);
      const { manifests } = opened(server.host, { credentials }).repository('acme/app');
      await manifests.resolve('1.0.0').catch(() => undefined);
    }
    expect(elsewhere.requests.map(({ method }) => method)).toEqual(['GET']);
    expect(elsewhere.requests.every(({ headers }) => headers.authorization === undefined)).toBe(
      true,
    );
  });
});

test('an anonymous look that is refused with its token costs no further token', async () => {
  const { blob } = blobOf(10);
  const look = `HEAD /v2/acme/app/blobs/${blob.digest}`;
  const { server, tokens, open } = await bearer();
  const challenge = `Bearer realm="http://${server.host}/token",service="test registry"`;
  server.route({ [look]: unauthorized(challenge) });
  const { blobs } = open().repository('acme/app');
  expect(await blobs.exists(blob)).toBe(false);
  expect(await blobs.exists(blob)).toBe(false);
  expect(tokens.asked).toHaveLength(1);
  expect(server.log).toHaveLength(1 + 1 + 1 + 1);
});

test('what waits for a token ends when the registry is closed', async () => {
  const { server, open } = await bearer();
  server.route({ 'GET /token': silence });
  const registry = open();
  const pending = registry.repository('acme/app').manifests.resolve('1.0.0');
  await Promise.all([
    expect(pending).rejects.toMatchObject({ code: 'closed' }),
    expect
      .poll(() => server.log.length)
      .toBe(2)
      .then(() => registry.close()),
  ]);
});

test('an upload that meets an expired token in the middle gets a new one and goes on', async () => {
  const { blob, bytes: content } = blobOf(100);
  const { server, tokens, open } = await bearer();
  server.route({
    'POST /v2/acme/app/blobs/uploads/': tokens.guarded(() => {
      tokens.revoke();
      return { status: 202, headers: { location: '/upload' } };
    }),
    'PUT /upload': tokens.guarded({ status: 201 }),
  });
  await open().repository('acme/app').blobs.push(blob, contentOf(content));
  expect(server.requests.at(-1)?.body).toEqual(content);
  expect(tokens.asked).toHaveLength(2);
});

test('requests that are aborted while they wait for a token do not take it from the others', async () => {
  const { server, tokens, open } = await bearer();
  const controller = new AbortController();
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    server.route({
      'GET /token': async (response, request, recorded) => {
        resolve();
        await new Promise<void>((go) => (answer = go));
        return tokens.endpoint(response, request, recorded);
      },
    });
  });
  const { manifests } = open().repository('acme/app');
  const aborted = manifests.resolve('1.0.0', { signal: controller.signal });
  const other = asked.then(() => {
    const pending = manifests.resolve('1.0.0');
    controller.abort(new Error('enough'));
    answer();
    return pending;
  });
  await expect(aborted).rejects.toThrow('enough');
  expect(await other).toEqual(manifest);
  expect(tokens.asked).toHaveLength(1);
});

/** A registry with one manifest, behind a token server at the same address. */
async function bearer(options: { expiresIn?: number; scope?: string } = {}) {
  const server = await scriptedServer();
  const tokens = tokenServer(() => `http://${server.host}/token`, options);
  const routes: Routes = {
    'GET /token': tokens.endpoint,
    'POST /token': tokens.endpoint,
    [`HEAD ${head}`]: tokens.guarded(found),
  };
  server.route(routes);
  return {
    server,
    tokens,
    open: (settings: Parameters<typeof opened>[1] = {}) => opened(server.host, settings),
  };
}

function unauthorized(challenge: string): Answer {
  return { status: 401, headers: { 'www-authenticate': challenge } };
}
