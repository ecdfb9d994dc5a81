import { expect, test } from 'vitest';

import { releaseConfigOf } from './config.js';
import type { Environment } from './environment.js';
import { standsInFor } from './stand-in.js';
import type { Variables } from './setting.js';
import { documentOf, validConfig } from './test/documents.js';

const staging = {
  kind: 'remote',
  host: 'staging.example.com',
  scheme: 'https',
  namespace: 'acme',
};

function environment(name: string, variables: Variables): Environment {
  const document = documentOf('release.config.json', validConfig);
  return releaseConfigOf(document, '/workspace', variables).environment(name);
}

function answer(registry: string | undefined, endpoint: string | undefined, name = 'production') {
  const variables = registry === undefined ? {} : { RELEASE_STAGING_REGISTRY: registry };
  return standsInFor(environment(name, variables), 'staging', (declared) => {
    expect(declared).toEqual(staging);
    return endpoint;
  });
}

test.each([
  ['127.0.0.1:5000/acme', 'http://127.0.0.1:4566'],
  ['localhost:5000/other', 'https://localhost:4566/path'],
  ['[::1]:5000/acme', 'http://[::1]'],
  ['127.0.0.1:5000/acme', 'HTTP://LOCALHOST:4566'],
])('%s stands in for the declared registry when tokens come from %s', (registry, endpoint) => {
  expect(answer(registry, endpoint)).toEqual(staging);
});

test.each([
  ['the declared registry stands for itself', undefined, undefined],
  ['the declared registry does so with whatever endpoint', undefined, 'http://127.0.0.1:4566'],
  ['no token of AWS itself goes to this machine', '127.0.0.1:5000/acme', undefined],
  ['no token of another host does', '127.0.0.1:5000/acme', 'https://ecr.us-west-2.amazonaws.com'],
  ['a user is no host', '127.0.0.1:5000/acme', 'http://127.0.0.1@ecr.example'],
  ['a prefix is no host', '127.0.0.1:5000/acme', 'http://127.0.0.1.ecr.example:4566'],
  ['what is no URL is no endpoint', '127.0.0.1:5000/acme', '127.0.0.1:4566'],
  ['what is empty is no endpoint', '127.0.0.1:5000/acme', ''],
  ['a file is no endpoint', '127.0.0.1:5000/acme', 'file://localhost/x'],
  ['another host stands for itself', 'other.example.com/acme', 'http://127.0.0.1:4566'],
])('%s', (_, registry, endpoint) => {
  expect(answer(registry, endpoint)).toBeUndefined();
});

test('nothing stands in for an embedded registry', () => {
  expect(answer('127.0.0.1:5000/acme', 'http://127.0.0.1:4566', 'local')).toBeUndefined();
  expect(answer(undefined, 'http://127.0.0.1:4566', 'local')).toBeUndefined();
});
