import { contentOf } from '@teleport-plugins/oci';
import { Secret } from '@teleport-plugins/secrets';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Credential } from '../credential.js';
import { masked, withoutCredentials } from './masking.js';
import { opened } from './test/opened.js';
import { blobOf, manifestOf } from './test/samples.js';
import { scriptedServer, type Answer, type Script } from './test/scripted-server.js';

test.each([
  ['see https://s3.example/x?X-Amz-Signature=SIG for more', 'see https://s3.example/x?… for more'],
  ['Get "https://s3.example/x?SIG": EOF', 'Get "https://s3.example/x?…": EOF'],
  ['HTTPS://s3.example?a=SIG&b=SIG', 'HTTPS://s3.example?…'],
  ['at /v2/x?_state=SIG', 'at /v2/x?…'],
  ['https://s3.example/x#token=SIG', 'https://s3.example/x#…'],
  ['https://ann:SIG@s3.example/x', 'https://s3.example/x'],
  ['got Basic YW5uOlNJRw==', 'got Basic [secret]'],
  ['{"Authorization":"bearer SIG"}', '{"Authorization":"bearer [secret]"}'],
  ['Bearer: SIG, BEARER=SIG', 'Bearer: [secret] BEARER=[secret]'],
  ['Bearer token required', 'Bearer token required'],
  ['Basic authentication failed. Why? Ask.', 'Basic authentication failed. Why? Ask.'],
  ['basically, no', 'basically, no'],
])('of %s stays %s', (text, expected) => {
  expect(withoutCredentials(text)).toBe(expected);
});

test.each([
  ['the header', 'got Basic YW5uOnBAc3MgIncvcmQi!', 'got [secret]!'],
  ['what is in it', 'got YW5uOnBAc3MgIncvcmQi.', 'got [secret].'],
  ['user and password', 'ann:p@ss "w/rd"', '[secret]'],
  ['the password', 'no such password: p@ss "w/rd"', 'no such password: [secret]'],
  ['the password in JSON', String.raw`{"x":"p@ss \"w/rd\""}`, '{"x":"[secret]"}'],
  ['the password in an address', '/x/p%40ss%20%22w%2Frd%22', '/x/[secret]'],
  ['the password in a form', 'password=p%40ss+%22w%2Frd%22', 'password=[secret]'],
  ['not the user', 'ann is unknown', 'ann is unknown'],
])('of what was sent, %s is masked', (_name, text, expected) => {
  const pair = Buffer.from('ann:p@ss "w/rd"').toString('base64');
  expect(masked(text, [new Secret(`Basic ${pair}`)])).toBe(expected);
});

test('a secret that is cut shows no part of it', () => {
  const secret = `MARK${'x'.repeat(60)}`;
  for (let before = 1900; before < 2000; before += 7) {
    const text = masked(`${`${secret} `.repeat(20)}${'-'.repeat(before)}${secret}`, [
      new Secret(`Bearer ${secret}`),
    ]);
    expect(text).not.toContain('MARK');
  }
});

describe('a registry that repeats what it was sent', () => {
  const { blob, bytes } = blobOf(10);
  const manifest = manifestOf();
  const secrets = fc
    .string({ unit: 'grapheme-ascii', minLength: 0, maxLength: 40 })
    .map((text) => `MARK${text}KRAM`);
  const tokens = fc.stringMatching(/^[!-~]{0,40}$/).map((text) => `MARK${text}KRAM`);
  const credentials: fc.Arbitrary<{ credential: Credential; secret: string }> = fc.oneof(
    secrets.map((secret) => ({
      secret,
      credential: { kind: 'basic', username: 'ann', password: new Secret(secret) } as const,
    })),
    tokens.map((secret) => ({
      secret,
      credential: { kind: 'bearer', token: new Secret(secret) } as const,
    })),
  );
  const statuses = fc.constantFrom(301, 307, 400, 401, 403, 404, 409, 412, 418, 429, 500, 503);

  test('has none of it in any message', async () => {
    await fc.assert(
      fc.asyncProperty(
        credentials,
        statuses,
        fc.constantFrom(...Object.keys(echoes)),
        fc.constantFrom(...Object.keys(places)),
        async ({ credential, secret }, status, echo, place) => {
          let asked = '';
          const answer: Script = (_response, { headers: { authorization } }) => {
            if (authorization === undefined) {
              const challenge = `${credential.kind} realm="http://127.0.0.1/token"`;
              return { status: 401, headers: { 'www-authenticate': challenge } };
            }
            asked = authorization;
            return places[place]?.(status, echoes[echo]?.(authorization) ?? '');
          };
          const server = await scriptedServer(
            everywhere(answer, blob.digest, manifest.manifest.digest),
          );
          const registry = opened(server.host, {
            credentials: () => Promise.resolve(credential),
            retries: 0,
          });
          const { blobs, manifests } = registry.repository('acme/app');
          for (const operation of [
            () => blobs.push(blob, contentOf(bytes)),
            () => manifests.push(manifest.manifest, manifest.bytes),
            () => manifests.fetch(manifest.manifest),
            () => manifests.resolve('1.0.0'),
          ]) {
            const failure: unknown = await operation().catch((error: unknown) => error);
            const message = failure instanceof Error ? told(failure) : '';
            for (const form of [secret, asked.replace(/^\w+ /, ''), 'MARK', 'KRAM']) {
              expect(message).not.toContain(form);
            }
          }
          expect(asked).not.toBe('');
          await registry.close();
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** How what was sent is repeated. */
const echoes: Readonly<Record<string, (authorization: string) => string>> = {
  'as it came': (authorization) => authorization,
  'without its scheme': (authorization) => authorization.replace(/^\w+ /, ''),
  decoded: plain,
  'the password alone': (authorization) => plain(authorization).replace(/^ann:/, ''),
  'in a form': (authorization) =>
    new URLSearchParams({ x: plain(authorization).replace(/^ann:/, '') }).toString(),
};

/** Where it is repeated. */
const places: Readonly<Record<string, (status: number, echo: string) => Answer>> = {
  text: (status, echo) => ({ status, body: `you sent ${echo}, did you?` }),
  json: (status, echo) => ({
    status,
    body: JSON.stringify({ errors: [{ code: 'DENIED', message: `bad: ${echo}` }] }),
  }),
  code: (status, echo) => ({ status, body: JSON.stringify({ errors: [{ code: echo }] }) }),
  oauth: (status, echo) => ({
    status,
    body: JSON.stringify({ error: 'x', error_description: echo }),
  }),
  'broken json': (status, echo) => ({ status, body: JSON.stringify({ x: echo }).slice(0, -1) }),
  'far along': (status, echo) => ({ status, body: `${'.'.repeat(280)}${echo}` }),
  location: (status, echo) => ({
    status,
    headers: { location: `/x/${encodeURIComponent(echo)}?x=${encodeURIComponent(echo)}` },
  }),
  digest: (_status, echo) => ({
    status: 201,
    headers: { 'docker-content-digest': `sha256:${encodeURI(echo).replace(/%20/g, ' ')}` },
  }),
};

function plain(authorization: string): string {
  const [scheme = '', token = ''] = authorization.split(' ');
  return scheme === 'Basic' ? Buffer.from(token, 'base64').toString() : token;
}

/** All that is told of an error: causes are printed too. */
function told(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${told(error.cause)}` : '';
}

function everywhere(answer: Script, blob: string, manifest: string) {
  return {
    'POST /v2/acme/app/blobs/uploads/': answer,
    [`HEAD /v2/acme/app/blobs/${blob}`]: answer,
    [`PUT /v2/acme/app/manifests/${manifest}`]: answer,
    [`GET /v2/acme/app/manifests/${manifest}`]: answer,
    'HEAD /v2/acme/app/manifests/1.0.0': answer,
    'GET /v2/acme/app/manifests/1.0.0': answer,
  };
}
