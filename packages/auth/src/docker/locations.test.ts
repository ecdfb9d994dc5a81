import { expect, test } from 'vitest';

import { dockerCredentials } from './credentials.js';
import { configurationFiles, type Variables } from './locations.js';
import { auth, homeWith, plain } from './test/configured.js';

const every = {
  REGISTRY_AUTH_FILE: '/explicit/auth.json',
  DOCKER_CONFIG: '/docker',
  XDG_RUNTIME_DIR: '/runtime',
  XDG_CONFIG_HOME: '/config',
};
const none = { REGISTRY_AUTH_FILE: '', DOCKER_CONFIG: '' };

test.each<[string, Variables, readonly string[]]>([
  ['REGISTRY_AUTH_FILE', every, ['/explicit/auth.json']],
  ['DOCKER_CONFIG', { ...every, REGISTRY_AUTH_FILE: '' }, ['/docker/config.json']],
  [
    'XDG_RUNTIME_DIR and XDG_CONFIG_HOME',
    { ...every, ...none },
    [
      '/runtime/containers/auth.json',
      '/config/containers/auth.json',
      '/home/ann/.docker/config.json',
    ],
  ],
  ['nothing', {}, ['/home/ann/.config/containers/auth.json', '/home/ann/.docker/config.json']],
])('the files are those of %s', (_name, variables, files) => {
  expect(configurationFiles({ variables, homeDirectory: '/home/ann' })).toEqual(files);
});

test('without a runtime folder, podman and skopeo have one for the user', () => {
  const [first] = configurationFiles({ variables: {}, homeDirectory: '/root', userId: 0 });
  expect(first).toBe('/run/containers/0/auth.json');
});

test('the first place with a credential for the registry gives it', async () => {
  const home = await homeWith({
    'run/containers/auth.json': { auths: { 'one.example': auth('podman', '1') } },
    '.config/containers/auth.json': {
      auths: { 'one.example': auth('config', '1'), 'two.example': auth('config', '2') },
    },
    '.docker/config.json': {
      auths: { 'two.example': auth('docker', '2'), 'three.example': auth('docker', '3') },
    },
  });
  const DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { 'four.example': auth('variable', '4') } });
  const variables = { XDG_RUNTIME_DIR: `${home}/run`, DOCKER_AUTH_CONFIG };
  const credentials = dockerCredentials({ variables, homeDirectory: home });

  expect(plain(await credentials('one.example'))).toBe('podman:1');
  expect(plain(await credentials('two.example'))).toBe('config:2');
  expect(plain(await credentials('three.example'))).toBe('docker:3');
  expect(plain(await credentials('four.example'))).toBe('variable:4');
  expect(await credentials('five.example')).toBeUndefined();
});

test('without any file there is no credential', async () => {
  const home = await homeWith({ file: '' });
  for (const variables of [{}, { DOCKER_CONFIG: `${home}/file` }, { REGISTRY_AUTH_FILE: 'none' }]) {
    const credentials = dockerCredentials({ variables, homeDirectory: home });
    expect(await credentials('quay.io')).toBeUndefined();
  }
});
