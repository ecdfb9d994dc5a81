import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import {
  type Clone,
  cloneWorkspace,
  describeWithPeer,
  type DockerEngine,
  startDockerEngine,
  temporaryDirectory,
} from '@teleport-plugins/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { treeOf } from '../src/test/tree.js';
import { startProduction, type Production } from './production.js';

const run = promisify(execFile);
const docker = '/usr/bin/docker';
const image = 'teleport-plugin-email';

let clone: Clone;
let production: Production;
let home: string;
let hosts: { readonly staging: string; readonly public: string };
let env: Readonly<Record<string, string>>;
let keys: Readonly<Record<Person, Readonly<Record<string, string>>>>;

beforeAll(async () => {
  clone = await cloneWorkspace();
  const directory = join(clone.root, '../registry');
  production = await startProduction({ directory, images: [image] });
  keys = {
    engineer: production.keysOf('engineer'),
    reader: production.keysOf('reader'),
    stranger: production.keysOf('stranger'),
  };
  home = join(clone.root, '../home');
  await mkdir(home);
  const { RELEASE_STAGING_REGISTRY = '', RELEASE_PUBLIC_REGISTRY = '' } = production.env;
  hosts = {
    staging: RELEASE_STAGING_REGISTRY.replace(/\/.*/, ''),
    public: RELEASE_PUBLIC_REGISTRY.replace(/\/.*/, ''),
  };
  env = {
    ...production.env,
    HOME: home,
    PATH: `${home}/.local/bin:${process.env.PATH ?? ''}`,
  };
});
afterAll(async () => {
  await production.close();
  await clone.remove();
});

type Person = 'engineer' | 'reader' | 'stranger';

async function nx(words: string, person: Person = 'engineer'): Promise<string> {
  const { code, output } = await clone.nx(words, { env: { ...env, ...keys[person] } });
  expect(code, output).toBe(0);
  return output;
}

test('a dry run shows what login would do, and writes nothing', async () => {
  const output = await nx('run release:login -c production --dry-run');
  for (const host of Object.values(hosts)) {
    expect(output).toMatch(new RegExp(`register +${host}`));
    expect(output).toMatch(new RegExp(`helper +${host} +${home}/\\.docker/config\\.json`));
  }
  const written = Object.keys(await treeOf(home));
  expect(written.filter((path) => /teleport-release|\.docker|\.local/.test(path))).toEqual([]);
});

test('an environment that does not exist is refused', async () => {
  const { code, output } = await clone.nx('run release:login -c prodution', { env });
  expect(code).not.toBe(0);
  expect(output).toContain('release.config.json declares no environment "prodution"');
});

describeWithPeer({ program: 'dockerd', install: 'apt-get install docker.io' }, (dockerd) => {
  let engine: DockerEngine;
  beforeAll(async () => {
    engine = await startDockerEngine(dockerd);
    await nx('run release:login -c production --access write');
  });
  afterAll(() => engine.stop());

  /** Without any of the variables that login was told: only with somebody's keys. */
  const dockerAs = async (person: Person, ...words: readonly string[]) => {
    const { PATH, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = env;
    const files = { HOME: home, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE };
    const variables = { PATH, DOCKER_HOST: engine.address, ...files, ...keys[person] };
    return (await run(docker, words, { env: variables })).stdout;
  };
  const signedIn = (...words: readonly string[]) => dockerAs('engineer', ...words);

  test('docker pushes and pulls, without a login of its own and with the tokens that are there', async () => {
    const { calls } = production.aws;
    const asked = () => [...calls.sts, ...calls.ecr, ...calls.ecrPublic];
    const before = asked();
    for (const host of Object.values(hosts)) {
      const name = `${host}/gravitational/${image}:0.0.1`;
      await importImage(name, signedIn);
      await signedIn('push', name);
      await signedIn('image', 'rm', name);
      expect(await signedIn('pull', name)).toContain(name);
    }
    expect(asked()).toEqual(before);
  });

  test('docker login finds that it is logged in, and after docker logout it still is', async () => {
    expect(await signedIn('login', hosts.staging)).toContain('Login Succeeded');
    await signedIn('logout', hosts.staging);
    await signedIn('pull', `${hosts.staging}/gravitational/${image}:0.0.1`);
    // Docker leaves an entry without a login; no token is in its file.
    const config = await readFile(join(home, '.docker/config.json'), 'utf8');
    expect(config).not.toMatch(/"auth"|"password"/);
  });

  describeWithPeer({ program: 'skopeo', install: 'apt-get install skopeo' }, (skopeo) => {
    test('skopeo reads with the helper that docker’s configuration or its own names', async () => {
      const own = join(await temporaryDirectory(), 'auth.json');
      await writeFile(
        own,
        JSON.stringify({ credHelpers: { [hosts.staging]: 'teleport-release' } }),
      );
      const name = `docker://${hosts.staging}/gravitational/${image}:0.0.1`;
      const words = ['inspect', '--tls-verify=false', '--format={{.Digest}}', name];
      for (const file of [{}, { REGISTRY_AUTH_FILE: own }]) {
        const { stdout } = await run(skopeo, words, { env: { ...env, ...keys.engineer, ...file } });
        expect(stdout).toMatch(/^sha256:/);
      }
    });
  });

  test('who may not assume the role is told so by docker, and gets nothing of the engineer’s', async () => {
    const name = `${hosts.staging}/gravitational/${image}:0.0.1`;
    await signedIn('image', 'rm', name);
    await expect(dockerAs('stranger', 'pull', name)).rejects.toThrow(
      /sts:AssumeRole on .*release-engineer-plugin-admin as .*_Sales_.*: access denied/,
    );
  });

  test('who may only read pulls what is staged, and pushes nothing', async () => {
    const name = `${hosts.staging}/gravitational/${image}:0.0.1`;
    await nx('run release:login -c production --registry staging', 'reader');
    expect(await dockerAs('reader', 'pull', name)).toContain(name);
    const other = name.replace(/0.0.1$/, '0.0.2');
    await importImage(other, signedIn);
    await expect(dockerAs('reader', 'push', other)).rejects.toThrow(/403|denied|not authorized/);
  });

  test('after release:logout docker is refused, and no token is left', async () => {
    const output = await nx('run release:logout -c production');
    expect(output).toMatch(/✔ docker and podman are signed out of .* cached tokens? removed/);
    const name = `${hosts.staging}/gravitational/${image}:0.0.1`;
    await signedIn('image', 'rm', name);
    await expect(signedIn('pull', name)).rejects.toThrow(
      /no basic auth credentials|authentication/,
    );
    const left = Object.values(await treeOf(home)).map((file) =>
      Buffer.from(file.split(' ')[1] ?? '', 'base64').toString(),
    );
    const found = production.aws.secrets.filter((secret) =>
      left.some((text) => text.includes(secret)),
    );
    expect(found).toEqual([]);
  });

  /** An image of one file. */
  async function importImage(
    name: string,
    asks: (...words: readonly string[]) => Promise<unknown>,
  ): Promise<void> {
    const folder = await temporaryDirectory();
    await writeFile(join(folder, 'file'), name);
    const archive = join(await temporaryDirectory(), 'image.tar');
    await run('tar', ['-cf', archive, '-C', folder, 'file']);
    await asks('import', archive, name);
  }
});
