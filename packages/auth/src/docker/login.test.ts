import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { contentOf, descriptorOf, readAll } from '@teleport-plugins/oci';
import { openRegistry, type CredentialProvider } from '@teleport-plugins/registry';
import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test, vi } from 'vitest';

import { dockerCredentials } from './credentials.js';
import type { Variables } from './locations.js';
import { pathWith, writeHelper } from './test/helpers.js';
import { startPasswordRegistry, user } from './test/password-registry.js';

// Servers and programs, on whatever machine.
vi.setConfig({ testTimeout: 60_000 });

const registryPeer = { program: 'docker-registry', install: 'apt-get install docker-registry' };
const skopeoPeer = { program: 'skopeo', install: 'apt-get install skopeo' };
const dockerPeer = { program: '/usr/bin/docker', install: 'apt-get install docker.io' };

describeWithPeer(registryPeer, (registryProgram) => {
  const anonymous: CredentialProvider = () => Promise.resolve(undefined);

  test('without a login the registry refuses', async () => {
    const host = await startPasswordRegistry(registryProgram);
    await expect(pushAndPull(host, anonymous)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  describeWithPeer(skopeoPeer, (skopeo) => {
    test.each(['REGISTRY_AUTH_FILE', 'XDG_RUNTIME_DIR'])(
      'what skopeo login wrote, found through %s, serves to push and pull',
      async (variable) => {
        const host = await startPasswordRegistry(registryProgram);
        const home = await temporaryDirectory();
        const isFile = variable === 'REGISTRY_AUTH_FILE';
        const variables = { [variable]: isFile ? join(home, 'auth.json') : home };
        await login(skopeo, ['login', '--tls-verify=false'], host, { HOME: home, ...variables });
        const credentials = dockerCredentials({ variables, homeDirectory: home });
        await pushAndPull(host, credentials);
      },
    );

    test('skopeo and we find the same entries for a namespace', async () => {
      const host = await startPasswordRegistry(registryProgram);
      const home = await temporaryDirectory();
      const file = join(home, 'auth.json');
      const variables = { REGISTRY_AUTH_FILE: file };
      const good = Buffer.from(`${user.name}:${user.password}`).toString('base64');
      const bad = Buffer.from('ann:wrong').toString('base64');
      const auths = { [host]: { auth: bad }, [`${host}/acme`]: { auth: good } };
      await writeFile(file, JSON.stringify({ auths }));
      const credentials = dockerCredentials({ variables, homeDirectory: home });

      await expect(pushAndPull(host, credentials)).rejects.toMatchObject({ code: 'unauthorized' });
      await pushAndPull(host, credentials.forRepository('acme/app'));

      const list = (repository: string) =>
        promisify(execFile)(
          skopeo,
          ['list-tags', '--tls-verify=false', `docker://${host}/${repository}`],
          { env: { ...variables, PATH: pathWith(), HOME: home } },
        );
      expect(JSON.parse((await list('acme/app')).stdout)).toMatchObject({ Tags: ['1'] });
      await expect(list('other/app')).rejects.toThrow(/unauthorized|authentication required/);
    });
  });

  describeWithPeer(dockerPeer, (docker) => {
    test('what docker login wrote serves to push and pull, and is left as it is', async () => {
      const host = await startPasswordRegistry(registryProgram);
      const home = await temporaryDirectory();
      const variables = { DOCKER_CONFIG: home };
      await login(docker, ['login'], host, { HOME: home, ...variables });
      const before = await contents(home);
      expect(before['config.json']).toContain(host);

      await pushAndPull(host, dockerCredentials({ variables, homeDirectory: '/nowhere' }));
      expect(await contents(home)).toEqual(before);
    });

    test('what docker login gave to a credential helper serves to push and pull', async () => {
      const host = await startPasswordRegistry(registryProgram);
      const home = await temporaryDirectory();
      await writeFile(join(home, 'config.json'), '{"credsStore":"fake"}');
      await writeHelper(
        home,
        'fake',
        `case $1 in
          store) cat > "$DOCKER_CONFIG/stored" ;;
          get) test -f "$DOCKER_CONFIG/stored" && exec cat "$DOCKER_CONFIG/stored"
               echo credentials not found in native keychain; exit 1 ;;
        esac`,
      );
      const variables = { DOCKER_CONFIG: home, PATH: pathWith(home) };
      const credentials = () => dockerCredentials({ variables, homeDirectory: '/nowhere' });
      await expect(pushAndPull(host, credentials())).rejects.toMatchObject({
        code: 'unauthorized',
      });
      await login(docker, ['login'], host, { HOME: home, ...variables });
      await pushAndPull(host, credentials());
    });
  });
});

/** The password goes through standard input, where no other process sees it. */
async function login(
  program: string,
  args: readonly string[],
  host: string,
  variables: Variables,
): Promise<void> {
  const options = ['--username', user.name, '--password-stdin', host];
  const env = { PATH: pathWith(), ...variables };
  const running = promisify(execFile)(program, [...args, ...options], { env });
  running.child.stdin?.end(user.password);
  await running;
}

async function pushAndPull(host: string, credentials: CredentialProvider): Promise<void> {
  await using registry = openRegistry(host, { credentials });
  const repository = registry.repository('acme/app', { access: 'push' });
  const config = Buffer.from('{}');
  const blob = descriptorOf('application/vnd.oci.empty.v1+json', config);
  await repository.blobs.push(blob, contentOf(config));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType, config: blob, layers: [blob] }),
  );
  const manifest = descriptorOf(mediaType, bytes);
  await repository.manifests.push(manifest, bytes);
  await repository.manifests.tag(manifest, '1');
  expect((await repository.manifests.resolve('1'))?.digest).toBe(manifest.digest);
  const pulled = await readAll(repository.blobs.fetch(blob), { limit: 100 });
  expect(Buffer.from(pulled)).toEqual(config);
}

async function contents(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(folder);
  const files = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]);
  return Object.fromEntries(await Promise.all(files)) as Record<string, string>;
}
