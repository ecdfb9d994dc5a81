import { descriptorOf, mediaType, type Descriptor } from '@teleport-plugins/oci';
import { describe, expect, test } from 'vitest';

import { opened } from './test/opened.js';
import { manifestOf } from './test/samples.js';
import {
  complaint,
  cut,
  scriptedServer,
  type Answer,
  type Routes,
} from './test/scripted-server.js';

const { manifest, bytes } = manifestOf();
const other = manifestOf({ annotations: { other: 'one' } });
const tagged = '/v2/acme/app/manifests/1.0.0';
const byDigest = `/v2/acme/app/manifests/${manifest.digest}`;
const headers = {
  'content-type': manifest.mediaType,
  'docker-content-digest': manifest.digest,
  'content-length': String(manifest.size),
};
const accept =
  'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, ' +
  'application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json';

describe('resolving', () => {
  test('a tag costs one HEAD that accepts the types of OCI and Docker', async () => {
    const { manifests, server } = await repository({
      [`HEAD ${tagged}`]: { status: 200, headers },
    });
    expect(await manifests.resolve('1.0.0')).toEqual(manifest);
    expect(server.log).toEqual([`HEAD ${tagged}`]);
    expect(server.requests[0]?.headers.accept).toBe(accept);
  });

  test('what is absent is undefined, of a tag as of a digest', async () => {
    const { manifests } = await repository({});
    expect(await manifests.resolve('1.0.0')).toBeUndefined();
    expect(await manifests.resolve(manifest.digest)).toBeUndefined();
  });

  test.each([
    ['no digest', { ...headers, 'docker-content-digest': '' }],
    ['no length', { ...headers, 'content-length': undefined }],
    ['no type', { ...headers, 'content-type': '' }],
    ['the type of a web page', { ...headers, 'content-type': 'text/html' }],
    ['compressed bytes', { ...headers, 'content-encoding': 'gzip' }],
  ])('reads the manifest itself where HEAD tells %s', async (_name, told) => {
    const { manifests, server } = await repository({
      [`HEAD ${tagged}`]: { status: 200, headers: defined(told) },
      [`GET ${tagged}`]: {
        status: 200,
        headers: { 'content-type': `${manifest.mediaType}; charset=utf-8` },
        body: bytes,
      },
    });
    expect(await manifests.resolve('1.0.0')).toEqual(manifest);
    expect(server.log).toEqual([`HEAD ${tagged}`, `GET ${tagged}`]);
  });

  test('reads the manifest where there is no HEAD, and its type in it', async () => {
    const { manifests } = await repository({
      [`HEAD ${tagged}`]: { status: 405 },
      [`GET ${tagged}`]: {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: bytes,
      },
    });
    expect(await manifests.resolve('1.0.0')).toEqual(manifest);
  });

  test('asks with GET why HEAD was refused', async () => {
    const { manifests, server } = await repository({
      [`HEAD ${tagged}`]: { status: 403 },
      [`GET ${tagged}`]: complaint(403, 'DENIED', 'not yours'),
    });
    await expect(manifests.resolve('1.0.0')).rejects.toMatchObject({
      code: 'denied',
      message: `${server.host}: cannot resolve acme/app:1.0.0: the registry answered 403 (DENIED: not yours); log in, or check what the credential may do`,
    });
  });

  test('does not take another manifest for the digest that was asked for', async () => {
    const { manifests } = await repository({
      [`HEAD ${byDigest}`]: {
        status: 200,
        headers: { ...headers, 'docker-content-digest': other.manifest.digest },
      },
      [`GET ${byDigest}`]: { status: 200, body: other.bytes },
    });
    await expect(manifests.resolve(manifest.digest)).rejects.toMatchObject({
      code: 'garbage',
      message: expect.stringContaining(
        `${other.manifest.digest} where it should be ${manifest.digest}`,
      ) as string,
    });
  });

  test.each(['sha256:../../x', 'sha256:ABCDEF', '<html>', 'md5:900150983cd24fb0d6963f7d28e17f72'])(
    'takes a registry that calls %j a digest for none',
    async (digest) => {
      const told = { ...headers, 'docker-content-digest': digest };
      for (const head of [{ status: 200, headers: told }, { status: 405 }]) {
        const { manifests, server } = await repository({
          [`HEAD ${tagged}`]: head,
          [`GET ${tagged}`]: { status: 200, headers: told, body: bytes },
        });
        await expect(manifests.resolve('1.0.0')).rejects.toMatchObject({
          code: 'garbage',
          message: `${server.host}: cannot resolve acme/app:1.0.0: the registry answered with a Docker-Content-Digest that is no digest; check that this is the address of a registry`,
        });
      }
    },
  );

  test.each([
    ['a web page', '<html></html>'],
    ['JSON of another kind', '{"tags": []}'],
    ['nothing', ''],
    ['a manifest of another type', other.bytes.toString().replace('image.manifest', 'image.index')],
  ])('refuses %s that is said to be a manifest', async (_name, body) => {
    const { manifests, server } = await repository({
      [`HEAD ${tagged}`]: { status: 405 },
      [`GET ${tagged}`]: { status: 200, headers: { 'content-type': manifest.mediaType }, body },
    });
    await expect(manifests.resolve('1.0.0')).rejects.toMatchObject({
      code: 'garbage',
      message: `${server.host}: cannot resolve acme/app:1.0.0: the registry answered with something that is not a manifest of OCI or Docker schema 2; check that this is the address of a registry`,
    });
  });

  test('finds the type of a manifest that says it nowhere', async () => {
    const document = JSON.parse(bytes.toString()) as Record<string, unknown>;
    const plain = Buffer.from(JSON.stringify({ ...document, mediaType: undefined }));
    const { manifests } = await repository({
      [`HEAD ${tagged}`]: { status: 405 },
      [`GET ${tagged}`]: { status: 200, body: plain },
    });
    expect(await manifests.resolve('1.0.0')).toEqual(descriptorOf(mediaType.ociManifest, plain));
  });

  test.each([
    ['a web page', '<html></html>'],
    ['a number', '5'],
    ['too much', Buffer.alloc(4 * 1024 * 1024 + 1, ' ')],
  ])('refuses %s', async (_name, body) => {
    const { manifests } = await repository({
      [`HEAD ${tagged}`]: { status: 200, headers: { 'content-type': 'text/html' } },
      [`GET ${tagged}`]: { status: 200, headers: { 'content-type': 'text/html' }, body },
    });
    await expect(manifests.resolve('1.0.0')).rejects.toMatchObject({ code: 'garbage' });
  });

  test.each(['', '../x', 'a/b', 'a?b', 'sha256:short', 'md5:900150983cd24fb0d6963f7d28e17f72'])(
    'does not ask for %j',
    async (reference) => {
      const { manifests, server } = await repository({});
      await expect(manifests.resolve(reference)).rejects.toMatchObject({
        code: expect.stringMatching(/-invalid$/) as string,
      });
      expect(server.log).toEqual([]);
    },
  );
});

describe('fetching', () => {
  test('gives the exact bytes for one GET', async () => {
    const { manifests, server } = await repository({
      [`GET ${byDigest}`]: { status: 200, headers, body: bytes },
    });
    expect(Buffer.from(await manifests.fetch(manifest))).toEqual(bytes);
    expect(server.log).toEqual([`GET ${byDigest}`]);
  });

  test('reads what the registry has, every time', async () => {
    const { manifests, server } = await repository({
      [`GET ${byDigest}`]: { status: 200, headers, body: bytes },
    });
    await manifests.fetch(manifest);
    await manifests.fetch(manifest);
    expect(server.log).toHaveLength(2);
  });

  test('begins again when the connection breaks in the middle', async () => {
    const { manifests } = await repository({
      [`GET ${byDigest}`]: [
        (response) => {
          response.writeHead(200, headers);
          response.write(bytes.subarray(0, 10), () => response.socket?.destroy());
          return undefined;
        },
        { status: 200, headers, body: bytes },
      ],
    });
    expect(Buffer.from(await manifests.fetch(manifest))).toEqual(bytes);
  });

  test.each([
    ['other bytes', other.bytes],
    ['the same, formatted otherwise', Buffer.from(` ${bytes.toString()}`)],
    ['part of them', bytes.subarray(1)],
    ['a web page', '<html></html>'],
  ])('refuses %s', async (_name, body) => {
    const { manifests, server } = await repository({
      [`GET ${byDigest}`]: { status: 200, headers: {}, body },
    });
    await expect(manifests.fetch(manifest)).rejects.toMatchObject({
      code: 'content-mismatch',
      message: expect.stringContaining(`${server.host}/acme/app`) as string,
    });
    expect(server.log).toHaveLength(1);
  });

  test('does not ask for what is too large', async () => {
    const { manifests, server } = await repository({});
    await expect(manifests.fetch({ ...manifest, size: 5_000_000 })).rejects.toMatchObject({
      code: 'manifest-too-large',
    });
    expect(server.log).toEqual([]);
  });

  test.each(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN'])(
    'what is absent (%s) throws not-found',
    async (code) => {
      const { manifests } = await repository({
        [`GET ${byDigest}`]: complaint(404, code, 'unknown'),
      });
      await expect(manifests.fetch(manifest)).rejects.toMatchObject({ code: 'not-found' });
    },
  );
});

describe('pushing and tagging', () => {
  const put = {
    status: 201,
    headers: { location: byDigest, 'docker-content-digest': manifest.digest },
  };
  const routes: Routes = { [`PUT ${byDigest}`]: put, [`PUT ${tagged}`]: put };

  test('are sent again to a registry that calls the digest of another push’s half of them wrong', async () => {
    const wrong = complaint(400, 'DIGEST_INVALID', 'provided digest did not match');
    const { server, manifests } = await repository({ [`PUT ${byDigest}`]: [wrong, wrong, put] });
    await manifests.push(manifest, bytes);
    expect(server.log).toEqual(Array.from({ length: 3 }, () => `PUT ${byDigest}`));

    const { server: lasting, manifests: never } = await repository({ [`PUT ${byDigest}`]: wrong });
    await expect(never.push(manifest, bytes)).rejects.toThrow(/DIGEST_INVALID/);
    expect(lasting.log).toHaveLength(3);
  });

  test('cost one PUT each, with the same bytes', async () => {
    const { manifests, server } = await repository(routes);
    await manifests.push(manifest, bytes);
    await manifests.tag(manifest, '1.0.0');
    expect(server.log).toEqual([`PUT ${byDigest}`, `PUT ${tagged}`]);
    for (const request of server.requests) {
      expect(request.body).toEqual(bytes);
      expect(request.headers['content-type']).toBe(manifest.mediaType);
      expect(request.headers['content-length']).toBe(String(bytes.byteLength));
      expect(request.headers).not.toHaveProperty('if-none-match');
    }
  });

  test('a manifest that was not seen yet is read before it is tagged', async () => {
    const { manifests, server } = await repository({
      ...routes,
      [`GET ${byDigest}`]: { status: 200, headers, body: bytes },
    });
    await manifests.tag(manifest, '1.0.0');
    await manifests.tag(manifest, '1.0.0');
    expect(server.log).toEqual([`GET ${byDigest}`, `PUT ${tagged}`, `PUT ${tagged}`]);
  });

  test('a manifest that is not there cannot be tagged', async () => {
    const { manifests } = await repository(routes);
    await expect(manifests.tag(manifest, '1.0.0')).rejects.toMatchObject({ code: 'not-found' });
  });

  test('bytes that are changed after the push are not tagged', async () => {
    const { manifests, server } = await repository(routes);
    const mine = Buffer.from(bytes);
    await manifests.push(manifest, mine);
    mine.fill(0);
    await manifests.tag(manifest, '1.0.0');
    expect(server.requests[1]?.body).toEqual(bytes);
  });

  test('an exclusive tag is one that must not exist', async () => {
    const { manifests, server } = await repository(routes);
    await manifests.push(manifest, bytes);
    await manifests.tag(manifest, '1.0.0', { exclusive: true });
    expect(server.requests[1]?.headers['if-none-match']).toBe('*');
  });

  test.each([
    ['412', complaint(412, 'PRECONDITION_FAILED', 'exists')],
    [
      'ECR',
      complaint(
        400,
        'TAG_INVALID',
        "The image tag '1.0.0' already exists in the 'acme/app' repository and cannot be overwritten because the repository is immutable.",
      ),
    ],
    [
      'Harbor',
      complaint(
        412,
        'PRECONDITION',
        "Failed to process request due to '1.0.0' configured as immutable.",
      ),
    ],
    ['Docker Hub', complaint(403, 'DENIED', 'tag is immutable')],
  ])('a tag that may not move (%s) names both digests', async (_name, refusal) => {
    const { manifests, server } = await repository({
      ...routes,
      [`PUT ${tagged}`]: refusal,
      [`HEAD ${tagged}`]: head(other.manifest),
    });
    await manifests.push(manifest, bytes);
    await expect(manifests.tag(manifest, '1.0.0', { exclusive: true })).rejects.toMatchObject({
      name: 'RegistryError',
      code: 'tag-exists',
      message: `${server.host}/acme/app:1.0.0 is ${other.manifest.digest} and is not moved to ${manifest.digest}; choose another tag`,
    });
  });

  test('a tag that may not move, and does not, is there', async () => {
    const { manifests } = await repository({
      ...routes,
      [`PUT ${tagged}`]: complaint(
        400,
        'TAG_INVALID',
        'The image tag already exists and cannot be overwritten',
      ),
      [`HEAD ${tagged}`]: head(manifest),
    });
    await manifests.push(manifest, bytes);
    await manifests.tag(manifest, '1.0.0');
  });

  test('an exclusive tag whose answer was lost is known as ours when it is repeated', async () => {
    const { manifests } = await repository({
      ...routes,
      [`PUT ${tagged}`]: [cut, complaint(412, 'PRECONDITION_FAILED', 'exists')],
      [`HEAD ${tagged}`]: head(manifest),
    });
    await manifests.push(manifest, bytes);
    await manifests.tag(manifest, '1.0.0', { exclusive: true });
  });

  test.each([
    [
      'another 400',
      complaint(400, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown'),
      { code: 'rejected', status: 400 },
    ],
    ['a missing repository', { status: 404 }, { code: 'name-unknown' }],
    ['an overloaded registry', { status: 429 }, { code: 'throttled', transient: true }],
    [
      'another digest',
      { status: 201, headers: { 'docker-content-digest': other.manifest.digest } },
      { code: 'garbage' },
    ],
    [
      'a redirect',
      { status: 307, headers: { location: 'https://elsewhere.example/x?secret' } },
      {
        code: 'garbage',
        message: expect.stringContaining('answered 307 (to https://elsewhere.example);') as string,
      },
    ],
  ] as const)('%s is told as it is', async (_name, answer, expected) => {
    const { manifests } = await repository({ ...routes, [`PUT ${byDigest}`]: answer });
    await expect(manifests.push(manifest, bytes)).rejects.toMatchObject(expected);
  });

  test('Retry-After is told when it is too long to wait', async () => {
    const { manifests, server } = await repository({
      ...routes,
      [`PUT ${byDigest}`]: { status: 429, headers: { 'retry-after': '3600' } },
    });
    await expect(manifests.push(manifest, bytes)).rejects.toMatchObject({
      code: 'throttled',
      retryAfter: 3_600_000,
      message: expect.stringContaining('answered 429; try again in 3600 s') as string,
    });
    expect(server.log).toHaveLength(1);
  });

  test("a manifest that is not the descriptor's is not sent", async () => {
    const { manifests, server } = await repository(routes);
    await expect(manifests.push(manifest, other.bytes)).rejects.toMatchObject({
      code: 'content-mismatch',
    });
    const asIndex = { ...manifest, mediaType: mediaType.ociIndex };
    await expect(manifests.push(asIndex, bytes)).rejects.toMatchObject({
      code: 'manifest-invalid',
    });
    expect(server.log).toEqual([]);
  });
});

async function repository(routes: Routes) {
  const server = await scriptedServer(routes);
  return { server, manifests: opened(server.host).repository('acme/app').manifests };
}

function head({ mediaType, digest, size }: Descriptor): Answer {
  return {
    status: 200,
    headers: {
      'content-type': mediaType,
      'docker-content-digest': digest,
      'content-length': String(size),
    },
  };
}

function defined(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
