import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatReference, parseReference, parseRepositoryName, parseTag } from './reference.js';
import { digests, textOf } from './test/arbitraries.js';
import { attempt } from './test/attempt.js';

const sha256 = `sha256:${'f'.repeat(64)}`;
const sha512 = `sha512:${'f'.repeat(128)}`;

describe('A reference', () => {
  test.each([
    ['test.com/repo:tag', 'test.com', 'repo', 'tag', undefined],
    ['test:5000/repo', 'test:5000', 'repo', undefined, undefined],
    [`test:5000/repo:tag@${sha256}`, 'test:5000', 'repo', 'tag', sha256],
    [`test:5000/repo@${sha256}`, 'test:5000', 'repo', undefined, sha256],
    ['localhost/repo', 'localhost', 'repo', undefined, undefined],
    ['sub-dom1.foo.com/bar/baz/quux:long', 'sub-dom1.foo.com', 'bar/baz/quux', 'long', undefined],
    [
      'b.gcr.io/test.example.com/my-app:1.0',
      'b.gcr.io',
      'test.example.com/my-app',
      '1.0',
      undefined,
    ],
    [`xn--7o8h.com/myimage:x@${sha512}`, 'xn--7o8h.com', 'myimage', 'x', sha512],
    ['192.168.1.1:5000/repo:5050', '192.168.1.1:5000', 'repo', '5050', undefined],
    ['[2001:db8::1]/repo', '[2001:db8::1]', 'repo', undefined, undefined],
    [`[2001:db8::1]:5000/repo:tag@${sha256}`, '[2001:db8::1]:5000', 'repo', 'tag', sha256],
    ['[::1]:5000/repo', '[::1]:5000', 'repo', undefined, undefined],
    [
      'public.ecr.aws/gravitational/x:9.3.7',
      'public.ecr.aws',
      'gravitational/x',
      '9.3.7',
      undefined,
    ],
    ['example.com/a__b/c--d/e.f_g', 'example.com', 'a__b/c--d/e.f_g', undefined, undefined],
  ])('is taken apart: %s', (text, registry, repository, tag, digest) => {
    const reference = parseReference(text);
    expect(reference).toEqual({
      registry,
      repository,
      ...(tag !== undefined && { tag }),
      ...(digest !== undefined && { digest }),
    });
    expect(formatReference(reference)).toBe(text);
  });

  test.each([
    // No registry: nothing is taken to mean docker.io.
    ['ubuntu'],
    ['library/ubuntu:24.04'],
    ['test.com:5000'],
    ['192.168.1.1'],
    ['foo_bar.com/repo'],
    ['[2001:db8::1]:tag'],
    // No name.
    [''],
    [':justtag'],
    [`@${sha256}`],
    ['example.com/'],
    ['example.com/:tag'],
    // Bad parts.
    ['example.com/Upper'],
    ['example.com//a'],
    ['example.com/a/'],
    ['example.com/a___b'],
    ['example.com/a..b'],
    ['example.com/-a'],
    ['example.com/a:'],
    ['example.com/a:tag:tag'],
    ['example.com/a:.tag'],
    ['example.com/a:tag/b'],
    ['example.com/a@'],
    ['example.com/a@sha256:abc'],
    [`example.com/a@${sha256}@${sha256}`],
    [`example.com/a@${sha256}:tag`],
    ['https://example.com/a'],
    ['example.com:/a'],
    ['example.com:0/a'],
    ['example.com:65536/a'],
    ['example.com:80:80/a'],
    ['-example.com/a'],
    ['example..com/a'],
    ['user@example.com/a'],
    ['[fe80::1%eth0]:5000/repo'],
    ['[::1/repo'],
    ['[]/repo'],
    ['[1.2.3.4]/repo'],
    // What a URL parser takes for an address that is not written there.
    ['127.1/a'],
    ['0x7f.1/a'],
    ['999.1.1.1/a'],
    ['1.2.3.4.5/a'],
    ['example.com/a\n'],
    [' example.com/a'],
    ['exämple.com/a'],
  ])('is refused: %j', (text) => {
    const error = attempt(() => parseReference(text));
    expect(error).toMatchObject({
      name: 'OciError',
      code: expect.stringMatching(/^(reference|digest)-invalid$/) as string,
    });
  });

  test('is at most 255 characters without tag and digest', () => {
    const name = `example.com/${'a/'.repeat(121)}a`;
    expect(name).toHaveLength(255);
    expect(parseReference(`${name}:tag@${sha256}`).repository).toHaveLength(243);
    expect(() => parseReference(`${name}a`)).toThrow('longer than 255');
  });

  test('says what to write instead when it has no registry', () => {
    expect(() => parseReference('ubuntu')).toThrow('has no registry; write it as host[:port]/name');
    expect(() => parseReference('library/ubuntu')).toThrow(
      'write the host with its domain or port',
    );
  });

  test('names its host in lower case, as hosts are the same in any', () => {
    expect(parseReference('Example.COM:5000/a:Tag')).toEqual({
      registry: 'example.com:5000',
      repository: 'a',
      tag: 'Tag',
    });
  });

  const label = textOf('abc0-', 1, 5).filter((text) => /^[a-z0-9].*[a-z0-9]$|^[a-z]$/.test(text));
  const registries = fc.oneof(
    fc.tuple(label, fc.constantFrom('com', 'local')).map((parts) => parts.join('.')),
    fc.tuple(label, fc.integer({ min: 1, max: 65535 })).map(([host, port]) => `x${host}:${port}`),
    fc.ipV6().map((address) => `[${address.toLowerCase()}]`),
    fc.ipV4(),
  );
  const repositories = fc
    .array(fc.stringMatching(/^[a-z0-9]{1,4}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/), {
      minLength: 1,
      maxLength: 5,
    })
    .map((parts) => parts.join('/'));
  const references = fc.record(
    {
      registry: registries,
      repository: repositories,
      tag: fc.stringMatching(/^\w[\w.-]{0,127}$/),
      digest: digests,
    },
    { requiredKeys: ['registry', 'repository'] },
  );

  test('comes back from its text', () => {
    fc.assert(
      fc.property(references, (reference) => {
        expect(parseReference(formatReference(reference))).toEqual(reference);
      }),
    );
  });

  test('read from any text comes back as that text, or is an OciError', () => {
    const piece = fc.constantFrom(
      ...Array.from('ab1./:@[]-_%'),
      'localhost',
      '::1',
      '.com',
      sha256,
      ' ',
      'É',
    );
    const texts = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const result = attempt(() => parseReference(text));
        if (!(result instanceof Error)) expect(formatReference(result)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  test('is read in linear time', () => {
    for (const hostile of [
      'a-'.repeat(500_000),
      'a/'.repeat(500_000),
      `x.com/${'a'.repeat(1e6)}`,
    ]) {
      expect(attempt(() => parseReference(hostile))).toBeInstanceOf(Error);
      expect(attempt(() => parseReference(`x.com/${hostile}!`))).toBeInstanceOf(Error);
    }
  });
});

describe('A name and a tag by themselves', () => {
  test('have their limits', () => {
    expect(parseRepositoryName('a'.repeat(255))).toHaveLength(255);
    expect(() => parseRepositoryName('a'.repeat(256))).toThrow('at most 255');
    expect(parseTag('_'.repeat(128))).toHaveLength(128);
    expect(() => parseTag('_'.repeat(129))).toThrow('1 to 128');
  });
});
