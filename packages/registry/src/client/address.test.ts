import { describe, expect, test } from 'vitest';

import { isTrustedRealm, pointedTo, registryUrl, shown } from './address.js';

describe('the address of a registry', () => {
  test.each([
    ['127.0.0.1:5001', undefined, 'http://127.0.0.1:5001/'],
    ['127.9.9.9', undefined, 'http://127.9.9.9/'],
    ['localhost:5001', undefined, 'http://localhost:5001/'],
    ['[::1]:5001', undefined, 'http://[::1]:5001/'],
    ['localhost:5001', 'https', 'https://localhost:5001/'],
    ['public.ecr.aws', undefined, 'https://public.ecr.aws/'],
    ['registry.internal:80', 'http', 'http://registry.internal/'],
    ['docker.io', undefined, 'https://registry-1.docker.io/'],
    ['localhost.example.com', undefined, 'https://localhost.example.com/'],
    ['128.0.0.1', undefined, 'https://128.0.0.1/'],
  ] as const)('of %s (%s) is %s', (host, scheme, expected) => {
    expect(registryUrl(host, scheme).href).toBe(expected);
  });

  test.each([
    '',
    'a/b',
    'https://a.example',
    'user@a.example',
    'a.example?x',
    'a.example#x',
    'a b.c',
    '127.1',
  ])('is not %j', (host) => {
    expect(() => registryUrl(host, undefined)).toThrow(
      expect.objectContaining({ code: 'reference-invalid' }),
    );
  });
});

describe('a realm on', () => {
  const [loopback, secure, plain] = [
    'http://127.0.0.1:5000',
    'https://registry.example',
    'http://registry.example',
  ];
  test.each([
    [loopback, 'http://127.0.0.1:5000/token', true],
    [loopback, 'http://localhost:6000/token', true],
    [loopback, 'https://auth.example/token', true],
    [loopback, 'http://auth.example/token', false],
    [secure, 'https://registry.example/token', true],
    [secure, 'https://auth.example/token', true],
    [secure, 'http://registry.example/token', false],
    [secure, 'http://127.0.0.1:6000/token', false],
    [secure, 'ftp://registry.example/token', false],
    ['https://127.0.0.1:5000', 'http://127.0.0.1:6000/token', false],
    // Whoever is between could have named it.
    [plain, 'https://auth.example/token', false],
    [plain, 'http://registry.example/token', true],
    [plain, 'http://auth.example/token', false],
    [plain, 'http://127.0.0.1:6000/token', false],
  ])('(registry %s) %s gets credentials: %s', (registry, realm, expected) => {
    expect(isTrustedRealm(new URL(realm), new URL(registry))).toBe(expected);
  });
});

describe('where an answer points to', () => {
  const task = { registry: 'registry.example', act: 'read it' };
  const secure = new URL('https://registry.example/v2/a/blobs/uploads/');

  test.each([
    ['/v2/a/blobs/uploads/1?state=x', 'https://registry.example/v2/a/blobs/uploads/1?state=x'],
    ['2', 'https://registry.example/v2/a/blobs/uploads/2'],
    ['https://s3.example/x?sig=a%2Fb%20c', 'https://s3.example/x?sig=a%2Fb%20c'],
    ['//other.example/x', 'https://other.example/x'],
    ['https://user:password@s3.example/x#y', 'https://s3.example/x'],
  ])('by %s is %s', (location, expected) => {
    expect(pointedTo(location, secure, task).href).toBe(expected);
  });

  test.each([
    [
      'http://registry.example/x?secret',
      'points from https to plain http (http://registry.example)',
    ],
    ['http://127.0.0.1/x', 'points from https to plain http'],
    ['file:///etc/passwd', 'points from https to file:'],
    ['data:text/plain,x', 'points from https to data:'],
  ])('is refused for %s', (location, message) => {
    expect(() => pointedTo(location, secure, task)).toThrow(message);
    expect(() => pointedTo(location, secure, task)).not.toThrow('secret');
  });

  test('is refused when it is no address, without quoting it', () => {
    expect(() => pointedTo('https://[secret', secure, task)).toThrow(/not an address; check/);
    expect(() => pointedTo('https://[secret', secure, task)).not.toThrow('secret');
  });
});

test('an address is shown without its query, user and password', () => {
  expect(shown(new URL('https://user:password@s3.example/bucket/x?signature=1#z'))).toBe(
    'https://s3.example/bucket/x',
  );
});
