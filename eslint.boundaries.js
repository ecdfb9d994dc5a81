/**
 * Which workspace package may import which (in production code): the one table behind the lint rule
 * and the test of the edge list. `testing` is for tests, and imports nothing.
 */
export const allowedImports = {
  'packages/folder-lock': [],
  'packages/oci': ['folder-lock'],
  'packages/object-store': ['folder-lock'],
  'packages/secrets': [],
  'packages/terraform-registry': ['object-store', 'secrets'],
  'packages/testing': [],
  'packages/image': ['oci'],
  'packages/registry': ['oci', 'secrets'],
  'packages/auth': ['folder-lock', 'secrets', 'registry'],
  'packages/release': ['oci'],
  'packages/plugin-kit': ['secrets'],
  'packages/plugins/email': ['plugin-kit', 'secrets'],
  'packages/plugins/slack': ['plugin-kit', 'secrets'],
  'packages/plugins/terraform-provider': [],
  'tools/nx-release': [
    'oci',
    'auth',
    'image',
    'object-store',
    'registry',
    'release',
    'secrets',
    'terraform-registry',
  ],
  'tools/docker-credential-teleport-release': ['auth'],
  'tools/with-secrets': ['secrets'],
  'tools/emergency': ['nx-release', 'release'],
  'tools/bench': ['oci', 'image', 'object-store', 'registry', 'secrets', 'terraform-registry'],
  'tools/workspace-checks': [],
};
