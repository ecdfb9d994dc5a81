import { createHash } from 'node:crypto';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { descriptorOf, parseDescriptor } from './descriptor.js';
import { descriptors, nearlyDocuments } from './test/arbitraries.js';
import { attempt } from './test/attempt.js';

const valid = {
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: 'sha256:5b0bcabd1ed22e9fb1310cf6c2dec7cdef19f0ad69efa1f392e94a4333501270',
  size: 7682,
};

describe('A descriptor', () => {
  test('of bytes has their size and sha256', () => {
    expect(descriptorOf('application/vnd.oci.empty.v1+json', Buffer.from('{}'))).toEqual({
      mediaType: 'application/vnd.oci.empty.v1+json',
      digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      size: 2,
    });
  });

  test("is read as in the specification's examples", () => {
    expect(parseDescriptor(valid, 'test')).toEqual(valid);
    const urls = ['https://example.com/example-manifest'];
    expect(parseDescriptor({ ...valid, urls }, 'test')).toEqual({ ...valid, urls });
    const artifactType = 'application/vnd.example.sbom.v1';
    expect(parseDescriptor({ ...valid, artifactType }, 'test')).toEqual({ ...valid, artifactType });
  });

  test('comes back from JSON, without unknown members', () => {
    fc.assert(
      fc.property(descriptors, fc.jsonValue(), (descriptor, unknown) => {
        const document: unknown = JSON.parse(JSON.stringify({ ...descriptor, unknown }));
        expect(parseDescriptor(document, 'test')).toEqual(descriptor);
      }),
    );
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a string', valid.digest],
    ['an array', [valid]],
    ['without a digest', { ...valid, digest: undefined }],
    ['without a size', { ...valid, size: null }],
    ['without a type', { ...valid, mediaType: undefined }],
    ['with a negative size', { ...valid, size: -1 }],
    ['with a huge size', { ...valid, size: 2 ** 53 }],
    ['with half a byte', { ...valid, size: 0.5 }],
    ['with a size in words', { ...valid, size: '7682' }],
    ['with a size that is not a number', { ...valid, size: Number.NaN }],
    ['with a digest that leads elsewhere', { ...valid, digest: 'sha256:../../etc/passwd' }],
    [
      'with a digest of another algorithm',
      { ...valid, digest: 'md5:d41d8cd98f00b204e9800998ecf8427e' },
    ],
    ['with a type that is none', { ...valid, mediaType: 'manifest' }],
    ['with a type with parameters', { ...valid, mediaType: 'text/plain; charset=utf-8' }],
    ['with an address that is no string', { ...valid, urls: [1] }],
    ['with a platform without an architecture', { ...valid, platform: { os: 'linux' } }],
    ['with an annotation that is no string', { ...valid, annotations: { a: {} } }],
    ['with a member in other letters', { ...valid, Size: 1 }],
    ['with the data of another content', { ...valid, size: 2, data: 'e30=' }],
    ['with data of another size', { ...descriptorOf('a/b', Buffer.from('{}')), data: 'e30gCg==' }],
  ])('is refused: %s', (_, value) => {
    expect(() => parseDescriptor(value, 'test')).toThrow(
      expect.objectContaining({
        code: 'descriptor-invalid',
        message: expect.stringMatching(/^test: /) as string,
      }),
    );
  });

  test('may be that of sha512, with its data', () => {
    const bytes = Buffer.from('content');
    const digest = `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
    const value = { mediaType: 'text/plain', digest, size: 7, data: bytes.toString('base64') };
    expect(parseDescriptor(value, 'test')).toEqual({ mediaType: 'text/plain', digest, size: 7 });
  });

  test('keeps members with the names of prototypes as plain members', () => {
    const text = `{"a":"1","__proto__":"2","constructor":"3"}`;
    const given: unknown = JSON.parse(text);
    const { annotations } = parseDescriptor({ ...valid, annotations: given }, 'test');
    expect(JSON.stringify(annotations)).toBe(text);
    const inherited = Object.create({ ...valid }) as unknown;
    expect(() => parseDescriptor(inherited, 'test')).toThrow('is missing');
  });

  test('of any other value is an OciError', () => {
    fc.assert(
      fc.property(fc.oneof(nearlyDocuments, fc.anything()), (value) => {
        attempt(() => parseDescriptor(value, 'test'));
      }),
      { numRuns: 1000 },
    );
  });
});
