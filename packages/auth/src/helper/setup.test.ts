import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { bundledProgram, temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { readRegistrations } from './registrations.js';
import { planRemoval, planSetUp, removeHelper, setUpHelper, type HelperFiles } from './setup.js';
import { publicHost, stagingHost, wanted } from './test/registrations.js';

/** A home with configurations in it, by path. */
async function home(configs: Readonly<Record<string, string>> = {}) {
  const folder = await temporaryDirectory();
  for (const [path, text] of Object.entries(configs)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const files: HelperFiles = {
    registrations: join(folder, '.config/teleport-release/registries.json'),
    configs: ['.docker/config.json', ...Object.keys(configs)]
      .filter((path, index, all) => all.indexOf(path) === index)
      .map((path) => join(folder, path)),
  };
  const read = (path: string) => readFile(join(folder, path), 'utf8');
  return { folder, files, read };
}

const docker = '{\n\t"auths": {\n\t\t"quay.io": {}\n\t},\n\t"currentContext": "x"\n}';

describe('Setting the helper up', () => {
  test('registers the registries, and the helper in each configuration', async () => {
    const { files, read } = await home({ '.docker/config.json': docker, 'podman.json': '{}' });
    await setUpHelper(files, wanted);
    const credHelpers = { [stagingHost]: 'teleport-release', [publicHost]: 'teleport-release' };
    expect(JSON.parse(await read('.docker/config.json'))).toEqual({
      ...(JSON.parse(docker) as object),
      credHelpers,
    });
    expect(JSON.parse(await read('podman.json'))).toEqual({ credHelpers });
    const registered = await readRegistrations(files.registrations);
    expect(registered.get(stagingHost)).toMatchObject(wanted.get(stagingHost) ?? {});
    expect(await planSetUp(files, wanted)).toEqual([]);
  });

  test('is planned with what it changes, and writes nothing then', async () => {
    const config = {
      auths: { [publicHost]: { auth: 'QVdTOng=' } },
      credHelpers: { [stagingHost]: 'ecr-login' },
    };
    const { files, folder } = await home({ '.docker/config.json': JSON.stringify(config) });
    const [file] = files.configs;
    expect(await planSetUp(files, wanted)).toEqual([
      { kind: 'registered', file: files.registrations, host: stagingHost },
      { kind: 'registered', file: files.registrations, host: publicHost },
      { kind: 'set', file, host: stagingHost, before: 'ecr-login', after: 'teleport-release' },
      { kind: 'set', file, host: publicHost, after: 'teleport-release' },
      { kind: 'login-removed', file, host: publicHost },
    ]);
    expect(await readdir(folder)).toEqual(['.docker']);
  });

  test('again with another role changes the registration only', async () => {
    const { files } = await home();
    await setUpHelper(files, wanted);
    const other = new Map([...wanted].map(([host, each]) => [host, { ...each, role: undefined }]));
    expect(await planSetUp(files, other)).toEqual([
      { kind: 'registered', file: files.registrations, host: stagingHost },
    ]);
    await setUpHelper(files, other);
    expect((await readRegistrations(files.registrations)).get(stagingHost)?.role).toBeUndefined();
  });

  test('changes nothing when a configuration cannot be understood', async () => {
    const { files, folder } = await home({ '.docker/config.json': '{"credHelpers": 1}' });
    await expect(setUpHelper(files, wanted)).rejects.toMatchObject({ code: 'config-invalid' });
    expect(await readdir(join(folder, '.config/teleport-release'))).toEqual([]);
  });

  test('by twelve processes at once loses nothing of any', async () => {
    const { files, folder, read } = await home({ '.docker/config.json': docker });
    const accounts = Array.from({ length: 12 }, (_, number) => String(100000000000 + number));
    const program = await bundledProgram(new URL('./test/setting-up.ts', import.meta.url));
    const ends = accounts.map(async (account) => {
      const child = spawn(process.execPath, [program, folder, account], {
        stdio: 'inherit',
      });
      return (await once(child, 'exit')) as unknown[];
    });
    expect(new Set((await Promise.all(ends)).map(([code]) => code))).toEqual(new Set([0]));
    const { credHelpers } = JSON.parse(await read('.docker/config.json')) as {
      credHelpers: Record<string, string>;
    };
    const hosts = accounts.map((account) => `${account}.dkr.ecr.us-west-2.amazonaws.com`);
    expect(Object.keys(credHelpers).sort()).toEqual(hosts);
    const there = await readRegistrations(join(folder, 'config/registries.json'));
    expect([...there.keys()].sort()).toEqual(hosts);
    expect(await readdir(join(folder, 'config'))).toEqual(['registries.json']);
    expect(files.configs).toHaveLength(1);
  });
});

describe('Removing the helper', () => {
  test('leaves every byte as it was before', async () => {
    const before = {
      '.docker/config.json': docker,
      'podman.json': `{ "credHelpers": { "${stagingHost}": "ecr-login" } }`,
    };
    const { files, read, folder } = await home(before);
    await setUpHelper(files, wanted);
    await removeHelper(files, [...wanted.keys()]);
    expect(await read('.docker/config.json')).toBe(docker);
    expect(await read('podman.json')).toBe(before['podman.json']);
    expect(await readdir(join(folder, '.config/teleport-release'))).toEqual([]);
    expect(await planRemoval(files, [...wanted.keys()])).toEqual([]);
  });

  test('removes a configuration that was not there before, with the last registry', async () => {
    const { files, folder } = await home();
    await setUpHelper(files, wanted);
    await removeHelper(files, [publicHost]);
    expect(await readdir(join(folder, '.docker'))).toEqual(['config.json']);
    await removeHelper(files, [stagingHost]);
    expect(await readdir(join(folder, '.docker'))).toEqual([]);
  });

  test('keeps what was added to such a configuration since', async () => {
    const { files, read, folder } = await home();
    await setUpHelper(files, wanted);
    const text = (await read('.docker/config.json')).replace('{', '{ "added": 1, ');
    await writeFile(join(folder, '.docker/config.json'), text);
    await removeHelper(files, [...wanted.keys()]);
    expect(JSON.parse(await read('.docker/config.json'))).toEqual({ added: 1 });
  });

  test('of which nobody knows any more takes it out of the configurations that there are', async () => {
    const { files, read } = await home({ '.docker/config.json': docker });
    await setUpHelper(files, wanted);
    await writeFile(files.registrations, '{"schemaVersion":1,"registries":{}}');
    expect(await planRemoval(files, [stagingHost])).toEqual([
      {
        kind: 'removed',
        file: files.configs[0],
        host: stagingHost,
        before: 'teleport-release',
      },
    ]);
    await removeHelper(files, [...wanted.keys()]);
    expect(await read('.docker/config.json')).toBe(docker);
  });

  test('leaves alone what was given to another helper since', async () => {
    const { files, read, folder } = await home();
    await setUpHelper(files, wanted);
    const other = JSON.stringify({ credHelpers: { [stagingHost]: 'other' } });
    await writeFile(join(folder, '.docker/config.json'), other);
    await removeHelper(files, [...wanted.keys()]);
    expect(await read('.docker/config.json')).toBe(other);
  });
});

test('Nothing that is written is a secret, and the registrations are this user’s', async () => {
  const { files } = await home();
  await setUpHelper(files, wanted);
  expect((await lstat(files.registrations)).mode & 0o777).toBe(0o600);
  expect(await readFile(files.registrations, 'utf8')).not.toMatch(/password|token|secret/i);
});
