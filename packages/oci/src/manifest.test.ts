import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { descriptorOf } from './descriptor.js';
import { children, manifestSizeLimit, manifestTypeOf, parseManifest } from './manifest.js';
import { mediaType } from './media-type.js';
import { imageMembers, indexMembers, nearlyDocuments } from './test/arbitraries.js';
import { attempt } from './test/attempt.js';

const { ociManifest, ociIndex, dockerManifest, dockerManifestList } = mediaType;

function parse(type: string, document: unknown) {
  const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
  return parseManifest(descriptorOf(type, bytes), bytes);
}

const config = {
  mediaType: 'application/vnd.oci.image.config.v1+json',
  digest: 'sha256:b5b2b2c507a0944348e0303114d8d93aaaa081732b86451d9bce1f432a537bc7',
  size: 7023,
};
const layer = {
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  digest: 'sha256:9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0',
  size: 32654,
};
const image = { schemaVersion: 2, mediaType: ociManifest, config, layers: [layer] };
const index = {
  schemaVersion: 2,
  mediaType: ociIndex,
  manifests: [
    { ...layer, mediaType: ociManifest, platform: { os: 'linux', architecture: 'amd64' } },
  ],
};

describe('The examples of the specifications', () => {
  test('an OCI image manifest, with subject and annotations', () => {
    const subject = {
      mediaType: ociManifest,
      digest: 'sha256:5b0bcabd1ed22e9fb1310cf6c2dec7cdef19f0ad69efa1f392e94a4333501270',
      size: 7682,
    };
    const annotations = { 'com.example.key1': 'value1', 'com.example.key2': 'value2' };
    const second = {
      ...layer,
      digest: 'sha256:3c3a4604a545cdc127456d94e421cd355bca5b528f4a9c1905b15da2eb4a4c6b',
      size: 16724,
    };
    const document = { ...image, layers: [layer, second], subject, annotations };
    const manifest = parse(ociManifest, document);
    expect(manifest).toEqual({
      kind: 'image',
      mediaType: ociManifest,
      config,
      layers: [layer, second],
      subject,
      annotations,
    });
    expect(children(manifest)).toEqual({ manifests: [], blobs: [config, layer, second] });
  });

  test('an OCI artifact without content, its config embedded', () => {
    const empty = {
      mediaType: mediaType.ociEmpty,
      digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      size: 2,
    };
    const manifest = parse(ociManifest, {
      ...image,
      artifactType: 'application/vnd.example+type',
      config: { ...empty, data: 'e30=' },
      layers: [empty],
    });
    expect(manifest).toMatchObject({
      artifactType: 'application/vnd.example+type',
      config: empty,
      layers: [empty],
    });
    expect(children(manifest).blobs).toEqual([empty, empty]);
  });

  test('an OCI image index, which may leave out its own type', () => {
    const manifests = [
      {
        mediaType: ociManifest,
        digest: 'sha256:e692418e4cbaf90ca69d05a66403747baa33ee08806650b51fab815ad7fc331f',
        size: 7143,
        platform: { architecture: 'ppc64le', os: 'linux' },
      },
      {
        mediaType: ociManifest,
        digest: 'sha256:5b0bcabd1ed22e9fb1310cf6c2dec7cdef19f0ad69efa1f392e94a4333501270',
        size: 7682,
        platform: { architecture: 'amd64', os: 'linux' },
      },
    ];
    const manifest = parse(ociIndex, { schemaVersion: 2, manifests });
    expect(manifest).toEqual({ kind: 'index', mediaType: ociIndex, manifests });
    expect(children(manifest)).toEqual({ manifests, blobs: [] });
  });

  test('a Docker manifest and a Docker manifest list', () => {
    const dockerImage = {
      schemaVersion: 2,
      mediaType: dockerManifest,
      config: { ...config, mediaType: mediaType.dockerConfig },
      layers: [{ ...layer, mediaType: mediaType.dockerLayerGzip }],
    };
    expect(parse(dockerManifest, dockerImage)).toMatchObject({ kind: 'image' });
    const platform = { architecture: 'amd64', os: 'linux', features: ['sse4'] };
    const list = {
      schemaVersion: 2,
      mediaType: dockerManifestList,
      manifests: [{ ...layer, mediaType: dockerManifest, platform }],
    };
    expect(parse(dockerManifestList, list)).toMatchObject({
      kind: 'index',
      manifests: [{ platform: { architecture: 'amd64', os: 'linux' } }],
    });
  });
});

describe('A manifest', () => {
  test('comes back from its document, with unknown members ignored', () => {
    fc.assert(
      fc.property(imageMembers, fc.jsonValue(), fc.boolean(), (members, unknown, typed) => {
        const manifest = parse(ociManifest, {
          schemaVersion: 2,
          ...(typed && { mediaType: ociManifest }),
          ...members,
          'x-unknown': unknown,
        });
        expect(manifest).toEqual({ kind: 'image', mediaType: ociManifest, ...members });
      }),
    );
    fc.assert(
      fc.property(indexMembers, fc.constantFrom(ociIndex, dockerManifestList), (members, type) => {
        const manifest = parse(type, { schemaVersion: 2, mediaType: type, ...members });
        expect(manifest).toEqual({ kind: 'index', mediaType: type, ...members });
      }),
    );
  });

  test('reads null as absent, as Go writes what is empty', () => {
    const nulls = { annotations: null, subject: null, artifactType: null };
    expect(parse(ociManifest, { ...image, ...nulls, layers: null, manifests: null })).toEqual({
      kind: 'image',
      mediaType: ociManifest,
      config,
      layers: [],
    });
    expect(parse(ociIndex, { ...index, ...nulls, manifests: null })).toMatchObject({
      manifests: [],
    });
  });

  test('has no non-distributable layers to copy, and a build cache only blobs', () => {
    const foreign = {
      ...layer,
      mediaType: mediaType.dockerForeignLayerGzip,
      urls: ['https://example.com/layer'],
    };
    const windows = parse(ociManifest, { ...image, layers: [foreign, layer] });
    expect(windows).toMatchObject({ layers: [foreign, layer] });
    expect(children(windows).blobs).toEqual([config, layer]);
    const cache = parse(ociIndex, { ...index, manifests: [layer, config] });
    expect(children(cache)).toEqual({ manifests: [], blobs: [layer, config] });
  });

  test('of any type but four is refused', () => {
    for (const type of [
      'application/vnd.docker.distribution.manifest.v1+json',
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
      'application/vnd.oci.artifact.manifest.v1+json',
      'application/json',
      '',
    ]) {
      expect(() => parse(type, image)).toThrow(
        expect.objectContaining({ code: 'manifest-invalid' }),
      );
    }
  });

  test.each<[string, string, unknown]>([
    // The same bytes must not be an image to one reader and an index to another (CVE-2021-41190).
    ['an index, referred to as an image', ociManifest, index],
    ['an image, referred to as an index', ociIndex, image],
    [
      'an index without a type, referred to as an image',
      ociManifest,
      { ...index, mediaType: undefined },
    ],
    [
      'an image without a type, referred to as an index',
      ociIndex,
      { ...image, mediaType: undefined },
    ],
    ['both, referred to as an image', ociManifest, { ...index, ...image }],
    ['both, referred to as an index', ociIndex, { ...image, ...index }],
    ['both without a type', ociIndex, { ...image, ...index, mediaType: undefined }],
    ['an index with a config', ociIndex, { ...index, config }],
    ['an image with layers of schema 1', ociManifest, { ...image, fsLayers: [] }],
    [
      'a Docker image, referred to as an OCI one',
      ociManifest,
      { ...image, mediaType: dockerManifest },
    ],
    ['a Docker image without a type', dockerManifest, { ...image, mediaType: undefined }],
    ['a member that Go takes for another', ociManifest, { ...image, Manifests: [] }],
    ['a type that Go takes for another', ociManifest, { ...image, MediaType: ociIndex }],
    ['a type with a long s', ociManifest, { ...image, layerſ: [] }],
    ['two types', ociManifest, `{"mediaType":"${ociIndex}",${JSON.stringify(image).slice(1)}`],
    // Otherwise not a manifest.
    ['schema 1', ociManifest, { ...image, schemaVersion: 1 }],
    ['no schemaVersion', ociManifest, { ...image, schemaVersion: undefined }],
    ['a schemaVersion in words', ociManifest, { ...image, schemaVersion: '2' }],
    ['no config', ociManifest, { ...image, config: undefined }],
    ['no layers', ociManifest, { ...image, layers: undefined }],
    ['no manifests', ociIndex, { ...index, manifests: undefined }],
    ['layers that are an object', ociManifest, { ...image, layers: { 0: layer, length: 1 } }],
    ['a layer that is null', ociManifest, { ...image, layers: [null] }],
    ['an annotation that is a number', ociManifest, { ...image, annotations: { a: 1 } }],
    ['a subject that is a digest', ociManifest, { ...image, subject: layer.digest }],
    ['an artifactType that is no media type', ociManifest, { ...image, artifactType: 'sbom' }],
    ['an array', ociManifest, [image]],
    ['null', ociManifest, null],
    ['nothing', ociManifest, ''],
    ['half of it', ociManifest, JSON.stringify(image).slice(0, -10)],
    ['a byte order mark', ociManifest, `\uFEFF${JSON.stringify(image)}`],
  ])('is refused when it is %s', (_, type, document) => {
    expect(() => parse(type, document)).toThrow(
      expect.objectContaining({ code: 'manifest-invalid' }),
    );
  });

  test('is refused when it is not UTF-8', () => {
    const bytes = Buffer.from(JSON.stringify({ ...image, annotations: { a: 'ÿ' } }), 'latin1');
    expect(() => parseManifest(descriptorOf(ociManifest, bytes), bytes)).toThrow('not UTF-8');
  });

  test("is not even read when it is not the descriptor's bytes", () => {
    const bytes = Buffer.from(JSON.stringify(image));
    const other = Buffer.from(JSON.stringify(image).replace('7023', '7024'));
    const descriptor = descriptorOf(ociManifest, bytes);
    for (const wrong of [other, bytes.subarray(1), Buffer.from('not JSON')]) {
      expect(() => parseManifest(descriptor, wrong)).toThrow(
        expect.objectContaining({ code: 'content-mismatch' }),
      );
    }
  });

  test('may be 4 MiB long and not a byte more', () => {
    const text = JSON.stringify(image);
    expect(parse(ociManifest, text.padEnd(manifestSizeLimit))).toMatchObject({ kind: 'image' });
    const tooLarge = expect.objectContaining({ code: 'manifest-too-large' }) as Error;
    expect(() => parse(ociManifest, text.padEnd(manifestSizeLimit + 1))).toThrow(tooLarge);
    const bytes = Buffer.from(text);
    const claimed = { ...descriptorOf(ociManifest, bytes), size: manifestSizeLimit + 1 };
    expect(() => parseManifest(claimed, bytes)).toThrow(tooLarge);
  });

  test('names the member that is wrong', () => {
    const bad = { ...image, layers: [layer, { ...layer, digest: 'sha256:abc' }] };
    expect(() => parse(ociManifest, bad)).toThrow(
      /^manifest sha256:[0-9a-f]{64}: layers\[1\]: digest: "sha256:abc" is not a digest/,
    );
  });

  test('of hostile bytes is an OciError, soon', () => {
    const types = fc.constantFrom(ociManifest, ociIndex, dockerManifest, dockerManifestList);
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 200 }), (type, bytes) => {
        attempt(() => parseManifest(descriptorOf(type, bytes), bytes));
        attempt(() => manifestTypeOf(bytes));
      }),
    );
    fc.assert(
      fc.property(types, nearlyDocuments, fc.boolean(), (type, value, plausible) => {
        const document =
          plausible && typeof value === 'object'
            ? { ...image, ...index, mediaType: type, ...value }
            : value;
        attempt(() => parse(type, document ?? null));
      }),
      { numRuns: 1000 },
    );
    for (const deep of ['[', '{"a":', '{"layers":[']) {
      attempt(() => parse(ociManifest, deep.repeat(300_000)));
    }
    const nested = `{"x":${'['.repeat(1e6)}${']'.repeat(1e6)},${JSON.stringify(image).slice(1)}`;
    attempt(() => parse(ociManifest, nested));
    const long = { ...image, annotations: { a: '\\"'.repeat(500_000) } };
    expect(parse(ociManifest, long)).toMatchObject({ kind: 'image' });
  });
});

describe('The type of stored bytes', () => {
  test.each<[string, unknown, string | undefined]>([
    ['what they say', image, ociManifest],
    ['what they say', { ...image, mediaType: dockerManifest }, dockerManifest],
    ['an OCI index when they list manifests', { schemaVersion: 2, manifests: [] }, ociIndex],
    [
      'an OCI image when they have config and layers',
      { ...image, mediaType: undefined },
      ociManifest,
    ],
    ['none when they say another', { ...image, mediaType: mediaType.ociConfig }, undefined],
    ['none when they look like an image config', { architecture: 'amd64', config: {} }, undefined],
    ['none when they are not JSON', 'layer', undefined],
  ])('is %s', (_, document, type) => {
    const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
    expect(manifestTypeOf(bytes)).toBe(type);
  });
});
