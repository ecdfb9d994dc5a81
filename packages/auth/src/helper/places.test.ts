import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { homeWith } from '../docker/test/configured.js';

import { helperConfigs, placesOf } from './places.js';

const homeDirectory = '/home/ann';

test('Everything is in the folders of the home that are meant for it', () => {
  expect(placesOf({ variables: {}, homeDirectory })).toEqual({
    registrations: '/home/ann/.config/teleport-release/registries.json',
    cache: '/home/ann/.cache/teleport-release',
    data: '/home/ann/.local/share/teleport-release',
    programs: '/home/ann/.local/bin',
  });
});

test('Variables move the folders, if they are absolute', () => {
  const variables = { XDG_CONFIG_HOME: '/c', XDG_CACHE_HOME: 'relative', XDG_DATA_HOME: '' };
  expect(placesOf({ variables, homeDirectory })).toMatchObject({
    registrations: '/c/teleport-release/registries.json',
    cache: '/home/ann/.cache/teleport-release',
    data: '/home/ann/.local/share/teleport-release',
  });
});

test('Docker’s configuration always has the helper, those of others when they are there', async () => {
  const home = await homeWith({
    '.config/containers/auth.json': '{}',
    '.docker/config.json': '{}',
  });
  const surroundings = { variables: {}, homeDirectory: home };
  const docker = join(home, '.docker/config.json');
  expect(await helperConfigs(surroundings)).toEqual([
    docker,
    join(home, '.config/containers/auth.json'),
  ]);
  const empty = await temporaryDirectory();
  expect(await helperConfigs({ ...surroundings, homeDirectory: empty })).toEqual([
    join(empty, '.docker/config.json'),
  ]);
});

test('Variables name other configurations', async () => {
  const home = await homeWith({ 'run/containers/auth.json': '{}' });
  const variables = {
    DOCKER_CONFIG: '/d',
    REGISTRY_AUTH_FILE: '/missing/auth.json',
    XDG_RUNTIME_DIR: join(home, 'run'),
  };
  expect(await helperConfigs({ variables, homeDirectory: home })).toEqual([
    '/d/config.json',
    '/missing/auth.json',
    join(home, 'run/containers/auth.json'),
  ]);
});
