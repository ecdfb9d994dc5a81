import { formatReference } from '@teleport-plugins/oci';
import { expect, test } from 'vitest';

import { imageRepository, type RegistryEndpoint } from './endpoint.js';
import { failureOf } from './test/failure-of.js';
import { imagePlugin } from './test/plugins.js';

const plugin = imagePlugin();
const remote: RegistryEndpoint = {
  kind: 'remote',
  host: 'public.ecr.aws',
  scheme: 'https',
  namespace: 'gravitational',
};

test('an image is below the namespace of its registry', () => {
  expect(imageRepository(remote, plugin)).toEqual({
    registry: 'public.ecr.aws',
    repository: 'gravitational/teleport-plugin-email',
  });
});

test('an image of an embedded registry is named as serve offers it', () => {
  const embedded: RegistryEndpoint = {
    kind: 'embedded',
    directory: '/workspace/.release/registries/public',
    port: 5002,
    namespace: 'gravitational',
  };
  const reference = { ...imageRepository(embedded, plugin), tag: plugin.version };
  expect(formatReference(reference)).toBe(
    '127.0.0.1:5002/gravitational/teleport-plugin-email:9.3.7',
  );
});

test('a name that is too long for a registry is refused', () => {
  const long = { ...remote, namespace: 'x'.repeat(240) };
  expect(failureOf(() => imageRepository(long, plugin))?.code).toBe('config-invalid');
});
