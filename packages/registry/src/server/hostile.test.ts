import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';

import { tagFileName, tagOfFileName } from './paths.js';
import { parseRange } from './range.js';
import { refusalOf } from './refusal.js';
import { serveRegistry } from './serve.js';
import { openStore } from './store.js';
import { image } from './test/content.js';
import { exchange, storeImage } from './test/exchange.js';
import { call } from './test/http.js';

const anyText = expect.any(String) as unknown;
const digest = `sha256:${'0'.repeat(64)}`;

describe('hostile addresses', () => {
  test.each([
    ['GET', '/v2/../../etc/passwd', 404],
    ['GET', `/v2/../blobs/${digest}`, 400],
    ['GET', `/v2/a/..%2f..%2f/blobs/${digest}`, 400],
    ['GET', `/v2/%2e%2e/%2e%2e/blobs/${digest}`, 400],
    ['GET', `/v2/a%00b/blobs/${digest}`, 400],
    ['GET', `/v2/_blobs/blobs/${digest}`, 400],
    ['GET', `/v2/UPPER/blobs/${digest}`, 400],
    ['GET', `/v2/a//b/blobs/${digest}`, 400],
    ['GET', `/v2/${'a'.repeat(256)}/blobs/${digest}`, 400],
    ['GET', '/v2/a/blobs/sha256:..%2f..%2f', 404],
    ['GET', '/v2/a/blobs/..', 400],
    ['GET', '/v2/a/manifests/..', 404],
    ['PUT', '/v2/a/manifests/..', 400],
    ['PUT', '/v2/a/manifests/-', 400],
    ['GET', '/v2/a/blobs/uploads/..', 404],
    ['PATCH', '/v2/a/blobs/uploads/x%00', 404],
    ['DELETE', '/v2/a/blobs/uploads/%2e', 404],
    ['POST', `/v2/a/blobs/uploads/?mount=${digest}&from=../b`, 400],
    ['POST', '/v2/a/blobs/uploads/?mount=..', 400],
    ['POST', '/v2/a/blobs/uploads/?digest=..%2f..', 400],
    ['GET', '/v2/a/referrers/..', 400],
    ['GET', '/v2/%', 400],
    ['GET', 'http://elsewhere/v2/', 404],
    ['OPTIONS', '/v2/', 405],
    ['POST', '/v2/', 405],
    ['PUT', `/v2/a/blobs/${digest}`, 405],
  ])('%s %s is answered with %i, and nothing is written', async (method, path, status) => {
    const directory = join(await temporaryDirectory(), 'registry');
    const server = await serveRegistry(directory);
    onTestFinished(() => server.close());
    const before = await readdir(join(directory, '..'), { recursive: true });
    const reply = await call(server.host, method, path);
    expect(reply.status).toBe(status);
    const { errors } = reply.json() as { errors: readonly unknown[] };
    expect(errors).toEqual([{ code: anyText, message: anyText }]);
    expect(await readdir(join(directory, '..'), { recursive: true })).toEqual(before);
  });

  test('whatever an address and its headers are, the answer is not that the folder failed', async () => {
    const store = await openStore(await temporaryDirectory());
    await storeImage(store, 'a', image('there'), 'v1');
    const part = fc.oneof(
      fc.constantFrom('a', 'v1', 'blobs', 'uploads', 'manifests', 'tags', 'list', 'referrers'),
      fc.constantFrom('_catalog', '..', '.', '', digest, '%00', '%2f', '%2e%2e', '_tags'),
      fc.string({ unit: 'binary', maxLength: 300 }).map((text) => encodeURIComponent(toWell(text))),
      fc.string(),
    );
    const target = fc
      .tuple(fc.array(part, { maxLength: 6 }), fc.webQueryParameters())
      .map(([parts, query]) => `/v2/${parts.join('/')}?${query}`);
    const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS');
    const headers = fc.record(
      { range: fc.string(), 'content-range': fc.string(), 'content-type': fc.string() },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(method, target, headers, fc.uint8Array(), async (verb, path, head, body) => {
        const status = await exchange(store, verb, path, { headers: head, body }).then(
          (answer) => answer.status,
          (error: unknown) => refusalOf(error).status,
        );
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
  }, 30_000);
});

test('the name of a file leads back to its tag, and no two tags meet where case is ignored', () => {
  const tag = fc.stringMatching(/^\w[\w.-]{0,127}$/);
  fc.assert(
    fc.property(tag, tag, (one, other) => {
      expect(tagOfFileName(tagFileName(one))).toBe(one);
      expect(tagFileName(one)).toBe(tagFileName(one).toLowerCase());
      expect(tagFileName(one).length).toBeLessThanOrEqual(255);
      if (one !== other) expect(tagFileName(one)).not.toBe(tagFileName(other));
    }),
  );
  for (const name of ['V1', 'v1+0', 'v1+01', 'v1+4', 'v1+', '.DS_Store+x']) {
    expect(tagOfFileName(name)).toBeUndefined();
  }
});

test('a range lies within the blob', () => {
  fc.assert(
    fc.property(fc.nat(), fc.option(fc.nat()), fc.option(fc.nat()), (size, first, last) => {
      const range = parseRange(`bytes=${first ?? ''}-${last ?? ''}`, size);
      if (range === undefined || range === 'unsatisfiable') return;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeGreaterThanOrEqual(range.start);
      expect(range.end).toBeLessThan(size);
    }),
  );
  fc.assert(
    fc.property(fc.string(), fc.nat(), (header, size) => {
      parseRange(header, size);
    }),
  );
});

/** Without halves of characters, which have no place in an address. */
function toWell(text: string): string {
  return text.replace(/[\ud800-\udfff]/g, '');
}
