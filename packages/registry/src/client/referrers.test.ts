import { descriptorOf, mediaType, type Descriptor } from '@teleport-plugins/oci';
import { describe, expect, test } from 'vitest';

import { opened } from './test/opened.js';
import { manifestOf } from './test/samples.js';
import {
  complaint,
  json,
  scriptedServer,
  type Answer,
  type Recorded,
  type Routes,
  type ScriptedServer,
} from './test/scripted-server.js';

const subject = manifestOf().manifest;
const signature = manifestOf({ subject, artifactType: 'application/x.signature' });
const sbom = manifestOf({ subject, artifactType: 'application/x.sbom' });
const signatureEntry = { ...signature.manifest, artifactType: 'application/x.signature' };
const sbomEntry = { ...sbom.manifest, artifactType: 'application/x.sbom' };

const api = `/v2/acme/app/referrers/${subject.digest}`;
const tag = `/v2/acme/app/manifests/${subject.digest.replace(':', '-')}`;
const pageNotFound: Answer = {
  status: 404,
  headers: { 'content-type': 'text/plain' },
  body: '404 page not found\n',
};

describe('with the API', () => {
  test('referrers come page after page', async () => {
    const first = json(index([signatureEntry]));
    const link = `<https://internal${api}?digest=x&next=2>; rel="next"`;
    const { list, server } = await repository({
      [`GET ${api}`]: [{ ...first, headers: { ...first.headers, link } }, json(index([sbomEntry]))],
    });
    expect(await list()).toEqual([signatureEntry, sbomEntry]);
    expect(server.log).toEqual([`GET ${api}`, `GET ${api}?digest=x&next=2`]);
  });

  test.each([
    ['a web page', { status: 200, body: '<html></html>' }, 'garbage'],
    ['no index', json({ manifests: {} }), 'garbage'],
    ['no descriptors', json({ manifests: [5] }), 'descriptor-invalid'],
    [
      'a bad digest',
      json({ manifests: [{ ...signatureEntry, digest: 'sha256:x' }] }),
      'descriptor-invalid',
    ],
    ['an error', { status: 500 }, 'unavailable'],
    ['a refusal', complaint(403, 'DENIED', 'no'), 'denied'],
  ] as const)('%s is told as it is', async (_name, answer, code) => {
    const { list } = await repository({ [`GET ${api}`]: answer });
    await expect(list()).rejects.toMatchObject({ code });
  });

  test('pushing a referrer costs its one PUT when the registry says that it lists it', async () => {
    const { push, server } = await repository({
      [put(signature.manifest)]: { status: 201, headers: { 'oci-subject': subject.digest } },
    });
    await push(signature);
    expect(server.log).toEqual([put(signature.manifest)]);
  });

  test('pushing a referrer leaves the tag alone when the API is there, but does not say so', async () => {
    const { push, server } = await repository({
      [put(signature.manifest)]: { status: 201 },
      [`GET ${api}`]: json(index([signatureEntry])),
    });
    await push(signature);
    expect(server.log).toEqual([put(signature.manifest), `GET ${api}`]);
  });

  test('pushing what refers to nothing asks for nothing', async () => {
    const plain = manifestOf();
    const { push, server } = await repository({ [put(plain.manifest)]: { status: 201 } });
    await push(plain);
    expect(server.log).toHaveLength(1);
  });
});

describe('without the API', () => {
  test.each([
    ['404', pageNotFound],
    ['405', complaint(405, 'UNSUPPORTED', 'no')],
    ['400', complaint(400, 'UNSUPPORTED', 'no')],
  ])('referrers are read from the tag that stands in for it (%s)', async (_name, answer) => {
    const { list, server } = await repository({
      [`GET ${api}`]: answer,
      ...holding([signatureEntry]),
    });
    expect(await list()).toEqual([signatureEntry]);
    // It is not asked for again.
    await list();
    expect(server.log.filter((line) => line === `GET ${api}`)).toHaveLength(1);
  });

  test('no tag is no referrers', async () => {
    const { list } = await repository({ [`GET ${api}`]: pageNotFound });
    expect(await list()).toEqual([]);
  });

  test('an unknown repository says nothing about the API', async () => {
    const { list, server } = await repository({
      [`GET ${api}`]: complaint(404, 'NAME_UNKNOWN', 'unknown'),
    });
    expect(await list()).toEqual([]);
    server.route({ [`GET ${api}`]: json(index([signatureEntry])) });
    expect(await list()).toEqual([signatureEntry]);
  });

  test('a pushed referrer is written under the tag', async () => {
    const { push, server } = await repository({
      [put(signature.manifest)]: { status: 201 },
      [`GET ${api}`]: pageNotFound,
    });
    storing(server);
    await push(signature);
    const written = writtenIn(server);
    expect(JSON.parse(written?.body.toString() ?? '')).toEqual(index([signatureEntry]));
    expect(written?.headers['content-type']).toBe(mediaType.ociIndex);
  });

  test('beside what is there, which stays as it was', async () => {
    const entry = { ...sbomEntry, data: undefined, 'x.unknown': { kept: true } };
    const { push, server } = await repository({
      [put(signature.manifest)]: { status: 201 },
      [`GET ${api}`]: pageNotFound,
      ...holding([entry], { annotations: { by: 'another tool' } }),
    });
    storing(server);
    await push(signature);
    expect(JSON.parse(writtenIn(server)?.body.toString() ?? '')).toEqual({
      ...index([entry, signatureEntry]),
      annotations: { by: 'another tool' },
    });
  });

  test('once', async () => {
    const { push, server } = await repository({
      [put(signature.manifest)]: { status: 201 },
      [`GET ${api}`]: pageNotFound,
      ...holding([signatureEntry]),
    });
    await push(signature);
    expect(server.log.filter((line) => line.startsWith('PUT'))).toEqual([put(signature.manifest)]);
  });

  test('again, with what another process wrote in between', async () => {
    const { push, list, server } = await repository({
      [put(signature.manifest)]: { status: 201 },
      [`GET ${api}`]: pageNotFound,
    });
    let writes = 0;
    server.route({
      [`PUT ${tag}`]: async (_response, request, recorded) => {
        await new Promise((resolve) => request.on('end', resolve));
        writes += 1;
        // It had read the index before ours was there.
        server.route(writes === 1 ? holding([sbomEntry]) : served(recorded.body));
        return { status: 201 };
      },
    });
    await push(signature);
    expect(writes).toBe(2);
    expect(await list()).toEqual([sbomEntry, signatureEntry]);
  });

  test('and fails where it is overwritten time and again', async () => {
    const { push, server } = await repository({
      [put(signature.manifest)]: { status: 201 },
      [`GET ${api}`]: pageNotFound,
      ...holding([sbomEntry]),
      [`PUT ${tag}`]: { status: 201 },
    });
    await expect(push(signature)).rejects.toMatchObject({
      code: 'tag-changed',
      transient: true,
      message: expect.stringContaining(`overwritten by others; try again`) as string,
    });
    expect(server.log.filter((line) => line === `PUT ${tag}`)).toHaveLength(5);
  });

  test('with others that are pushed at the same time', async () => {
    const server = await scriptedServer({
      [put(signature.manifest)]: { status: 201 },
      [put(sbom.manifest)]: { status: 201 },
      [`GET ${api}`]: pageNotFound,
    });
    storing(server);
    const { manifests } = opened(server.host).repository('acme/app');
    await Promise.all([
      manifests.push(signature.manifest, signature.bytes),
      manifests.push(sbom.manifest, sbom.bytes),
    ]);
    const digests = [];
    for await (const { digest } of manifests.referrers(subject)) digests.push(digest);
    expect(digests.sort()).toEqual([signature.manifest.digest, sbom.manifest.digest].sort());
  });
});

async function repository(routes: Routes) {
  const server = await scriptedServer(routes);
  const { manifests } = opened(server.host).repository('acme/app');
  return {
    server,
    push: (sample: typeof signature) => manifests.push(sample.manifest, sample.bytes),
    list: async () => {
      const all: Descriptor[] = [];
      for await (const referrer of manifests.referrers(subject)) all.push(referrer);
      return all;
    },
  };
}

function put({ digest }: Descriptor): string {
  return `PUT /v2/acme/app/manifests/${digest}`;
}

function index(manifests: readonly unknown[]) {
  return { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests };
}

/** The index under the stand-in tag. */
function holding(manifests: readonly unknown[], members = {}): Routes {
  return served(Buffer.from(JSON.stringify({ ...index(manifests), ...members })));
}

/** Serves from now on what is written under the stand-in tag. */
function storing(server: ScriptedServer): void {
  server.route({
    [`PUT ${tag}`]: async (_response, request, recorded) => {
      await new Promise((resolve) => request.on('end', resolve));
      server.route(served(recorded.body));
      return { status: 201 };
    },
  });
}

function writtenIn({ requests }: ScriptedServer): Recorded | undefined {
  return requests.findLast(({ method, url }) => method === 'PUT' && url === tag);
}

function served(bytes: Buffer): Routes {
  const { digest, size } = descriptorOf(mediaType.ociIndex, bytes);
  const headers = {
    'content-type': mediaType.ociIndex,
    'docker-content-digest': digest,
    'content-length': String(size),
  };
  return {
    [`HEAD ${tag}`]: { status: 200, headers },
    [`GET /v2/acme/app/manifests/${digest}`]: { status: 200, headers, body: bytes },
  };
}
