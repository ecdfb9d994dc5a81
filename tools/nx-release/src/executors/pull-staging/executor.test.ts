import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openLayout } from '@teleport-plugins/oci';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { engines } from '../../test/engines.js';
import { misbehaving } from '../../test/misbehaving.js';
import { servedRegistry } from '../../test/served.js';
import { treeOf } from '../../test/tree.js';
import { plugin, testWorkspace, type TestWorkspace } from '../../test/workspace.js';

const place = '127.0.0.1:5001/acme/mail';
const toLayout = { options: { to: 'layout' } };

describe('into an engine', () => {
  test('goes the image for its platform, under the name that a pull gives it', async () => {
    const workspace = await staged();
    const { PATH, loaded } = await engines({ docker: 'answers' });
    const { success, printed } = await workspace.run('pull-staging', { env: { PATH } });
    expect(success).toBe(true);
    const digest = await digestOf(workspace);
    expect(printed).toContain(`mail 1.2.3 from ${place}\n  image  ${digest}\n`);
    expect(printed).toMatch(/load {3}linux\/arm64 into docker +[\d.]+ kB\n/);
    expect(printed).toMatch(/copied sha256:[0-9a-f]{64} \d+ B \(1 of 3\)/);
    expect(printed.split('\n').at(-1)).toMatch(
      new RegExp(
        `^✔ pulled ${place}:1\\.2\\.3@${digest} into docker \\(linux/arm64, [\\d.]+ kB\\); ` +
          `try it with: docker run --rm ${place}:1\\.2\\.3 --version$`,
      ),
    );
    const archive = await readFile(loaded, 'latin1');
    expect(archive).toContain(`"RepoTags":["${place}:1.2.3"]`);
    for (const each of await layersOf(workspace, 'linux/arm64')) expect(archive).toContain(each);
  });

  test('goes the one for another platform that is asked for', async () => {
    const workspace = await staged();
    const { PATH, loaded } = await engines({ podman: 'answers' });
    const options = { platform: 'linux/amd64', engine: 'podman' };
    const { printed } = await workspace.run('pull-staging', { env: { PATH }, options });
    expect(printed).toContain(`podman run --rm --platform linux/amd64 ${place}:1.2.3 --version`);
    const archive = await readFile(loaded, 'latin1');
    for (const each of await layersOf(workspace, 'linux/amd64')) expect(archive).toContain(each);
  });

  test.each(['config', 'manifest'] as const)(
    'goes nothing when it has the image already, by its %s',
    async (what) => {
      const workspace = await staged();
      const { PATH, loaded } = await engines({ docker: 'answers' });
      const { manifest } = await platformOf(workspace, 'linux/arm64');
      const config = await configOf(workspace, manifest);
      // Podman leaves "sha256:" out.
      await writeFile(`${loaded}.id`, what === 'config' ? `${config.slice(7)}\n` : manifest);
      const { success, printed } = await workspace.run('pull-staging', { env: { PATH } });
      expect({ success, printed }).toEqual({
        success: true,
        printed:
          `✔ already in docker: ${place}:1.2.3@${await digestOf(workspace)}; ` +
          `try it with: docker run --rm ${place}:1.2.3 --version`,
      });
      await expect(readFile(loaded)).rejects.toThrow('ENOENT');
    },
  );

  test('goes the image when it has another one under the name', async () => {
    const workspace = await staged();
    const { PATH, loaded } = await engines({ docker: 'answers' });
    await writeFile(`${loaded}.id`, `sha256:${'0'.repeat(64)}`);
    const { printed } = await workspace.run('pull-staging', { env: { PATH } });
    expect(printed).toContain('✔ pulled ');
  });

  test('goes nothing where there is none, and a layout is offered', async () => {
    const workspace = await staged();
    const { PATH } = await engines({ docker: 'is stopped' });
    const { success, errors } = await workspace.run('pull-staging', { env: { PATH } });
    expect(success).toBe(false);
    expect(errors).toMatch(/no container engine.*\n.*Cannot connect.*\n.*podman is not installed/);
    expect(errors).toContain('start Docker or install Podman; --to layout needs neither');
  });

  test('goes nothing for a platform that the image is not for', async () => {
    const workspace = await staged();
    const { PATH, loaded } = await engines({ docker: 'answers' });
    const options = { platform: 'linux/s390x' };
    const { success, errors } = await workspace.run('pull-staging', { env: { PATH }, options });
    expect(success).toBe(false);
    expect(errors).toMatch(/is not there for linux\/s390x, only for linux\/a\w+, linux\/a\w+$/);
    await expect(readFile(loaded)).rejects.toThrow('ENOENT');
  });

  test('goes no image that is damaged as if it were whole', async () => {
    const workspace = await staged();
    const [own = ''] = (await layersOf(workspace, 'linux/arm64')).slice(-1);
    const blobs = join(workspace.root, '.release/registries/staging');
    const files = await readdir(blobs, { recursive: true });
    const [file = ''] = files.filter((each) => each.includes(own));
    const bytes = await readFile(join(blobs, file));
    bytes[20] = 255 - Number(bytes[20]);
    await writeFile(join(blobs, file), bytes);
    const { PATH } = await engines({ docker: 'answers' });
    const { success, errors } = await workspace.run('pull-staging', { env: { PATH } });
    expect(success).toBe(false);
    expect(errors).toContain(own);
  });

  test('writes no receipt and nothing else into the workspace', async () => {
    const workspace = await staged();
    const { PATH } = await engines({ docker: 'answers' });
    const before = await treeOf(workspace.root);
    await workspace.run('pull-staging', { env: { PATH } });
    expect(await treeOf(workspace.root)).toEqual(before);
  });
});

describe('into a layout', () => {
  test('go all platforms with the version as the tag, and a receipt says so', async () => {
    const workspace = await staged();
    const { success, printed } = await workspace.run('pull-staging', toLayout);
    expect(success).toBe(true);
    const digest = await digestOf(workspace);
    const folder = 'dist/pulled/mail/1.2.3';
    expect(printed).toMatch(/copy {3}5 blobs and 3 manifests +[\d.]+ kB\n {2}tag {4}1\.2\.3\n/);
    expect(printed).toContain(`✔ pulled ${place}:1.2.3@${digest} into ${folder} (`);
    const layout = await openLayout(join(workspace.root, folder));
    expect((await layout.manifests.resolve('1.2.3'))?.digest).toBe(digest);
    expect(await workspace.receipt('pull-staging')).toMatchObject({
      target: 'pull-staging',
      version: '1.2.3',
      environment: 'local',
      images: [{ repository: folder, digest, tags: [{ tag: '1.2.3', result: 'tagged' }] }],
      transfer: { copied: { count: 8 }, skipped: { count: 0 } },
      identity: 'tester',
    });
  });

  test('goes nothing the second time', async () => {
    const workspace = await staged();
    await workspace.run('pull-staging', toLayout);
    const before = await treeOf(workspace.root);
    const { printed } = await workspace.run('pull-staging', toLayout);
    expect(printed).toBe(
      `✔ already pulled: ${place}:1.2.3@${await digestOf(workspace)} into dist/pulled/mail/1.2.3`,
    );
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('goes what is missing there', async () => {
    const workspace = await staged();
    await workspace.run('pull-staging', toLayout);
    const [own = ''] = (await layersOf(workspace, 'linux/arm64')).slice(-1);
    await rm(join(workspace.root, 'dist/pulled/mail/1.2.3/blobs/sha256', own));
    const { printed } = await workspace.run('pull-staging', toLayout);
    expect(printed).toMatch(/copy {3}1 blob and 0 manifests/);
    expect((await workspace.run('pull-staging', toLayout)).printed).toContain('✔ already pulled');
  });

  test('goes another version beside the ones that are in the folder', async () => {
    const workspace = await staged();
    const options = { to: 'layout', directory: 'kept' };
    await workspace.run('pull-staging', { options });
    await workspace.write(`${plugin}/package.json`, { name: '@acme/mail', version: '1.3.0' });
    await workspace.commit();
    await workspace.release({ upTo: 'push-staging' });
    await workspace.run('pull-staging', { options });
    const layout = await openLayout(join(workspace.root, 'kept'));
    const tags: string[] = [];
    for await (const tag of layout.manifests.tags()) tags.push(tag);
    expect(tags).toEqual(['1.2.3', '1.3.0']);
  });

  test('outside of the workspace is named by its whole path', async () => {
    const workspace = await staged();
    const directory = join(await temporaryDirectory(), 'mail');
    const { printed } = await workspace.run('pull-staging', {
      options: { to: 'layout', directory },
    });
    expect(printed).toContain(` into ${directory} (`);
    expect(await workspace.receipt('pull-staging')).toMatchObject({
      images: [{ repository: directory }],
    });
  });

  test('goes nothing where the folder has the version with other bytes', async () => {
    const workspace = await staged();
    await workspace.run('pull-staging', toLayout);
    const old = await digestOf(workspace);
    await workspace.write(`${plugin}/src/main.ts`, 'console.log("changed");\n');
    await workspace.commit();
    await rm(join(workspace.root, '.release'), { recursive: true });
    await workspace.release({ upTo: 'push-staging' });
    const before = await treeOf(workspace.root);
    const { success, errors } = await workspace.run('pull-staging', toLayout);
    expect(success).toBe(false);
    expect(errors).toBe(
      `✘ dist/pulled/mail/1.2.3 has 1.2.3 as ${old}, and ${place}:1.2.3 is ${await digestOf(workspace)}; ` +
        'remove the folder, or name another one with --directory',
    );
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('goes nothing where something else is in the folder', async () => {
    const workspace = await staged();
    for (const dryRun of [true, false]) {
      const options = { to: 'layout', directory: plugin, dryRun };
      const { success, errors } = await workspace.run('pull-staging', { options });
      expect(success).toBe(false);
      expect(errors).toMatch(/has "[\w.]+" in it and is not an image layout; choose an empty fold/);
    }
  });

  test('that was interrupted goes the rest when it is run again', async () => {
    const workspace = await staged();
    const interrupted = await workspace.run('pull-staging', {
      ...toLayout,
      interruptAt: /copied sha256:/,
    });
    expect(interrupted).toMatchObject({ success: false, errors: '✘ interrupted by SIGINT' });
    const { success, printed } = await workspace.run('pull-staging', toLayout);
    expect({ success, printed }).toMatchObject({ success: true });
    expect(printed).toContain('there already');
  });
});

describe('another version than the working tree’s', () => {
  test.each([{ version: '1.2.3' }, { tag: 'acme-mail-v1.2.3' }])(
    'is pulled with %j, whatever the tree holds',
    async (selected) => {
      const workspace = await staged();
      await workspace.write(`${plugin}/package.json`, { version: '1.3.0' });
      const options = { to: 'layout', ...selected };
      const { printed } = await workspace.run('pull-staging', { options });
      expect(printed).toContain(`✔ pulled ${place}:1.2.3@${await digestOf(workspace)} into `);
      expect(printed).toContain('dist/pulled/mail/1.2.3');
    },
  );

  test('that is not staged is told with those that are', async () => {
    const workspace = await staged();
    const options = { to: 'layout', version: '1.2.2' };
    const { success, errors } = await workspace.run('pull-staging', { options });
    expect({ success, errors }).toEqual({
      success: false,
      errors:
        `✘ ${place}:1.2.2 is not staged; name one that is (--tag acme-mail-v1.2.3), or check out acme-mail-v1.2.2 ` +
        '(the working tree is 1.2.3) and run `npx nx run mail:push-staging:local` there first',
    });
  });
});

describe('where nothing is staged', () => {
  test('push-staging is named, and nothing is written', async () => {
    const workspace = await testWorkspace();
    const before = await treeOf(workspace.root);
    const { success, errors } = await workspace.run('pull-staging', toLayout);
    expect({ success, errors }).toEqual({
      success: false,
      errors: `✘ ${place}:1.2.3 is not staged; run \`npx nx run mail:push-staging:local\` first`,
    });
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('a registry need not tell what else it has', async () => {
    const workspace = await testWorkspace();
    const { host } = await servedRegistry();
    const silent = await misbehaving(host, ({ url }) =>
      url?.includes('/tags/list') === true ? (answer) => answer.writeHead(403).end() : undefined,
    );
    const env = { RELEASE_STAGING_REGISTRY: `${silent}/acme` };
    const { errors } = await workspace.run('pull-staging', { ...toLayout, env });
    expect(errors).toBe(
      `✘ ${silent}/acme/mail:1.2.3 is not staged; run \`npx nx run mail:push-staging:local\` first`,
    );
  });
});

test('a protected environment is read from any checkout', async () => {
  const workspace = await staged();
  await workspace.write('untracked.txt', 'x');
  const options = { to: 'layout', environment: 'production' };
  const { success } = await workspace.run('pull-staging', { options });
  expect(success).toBe(true);
  expect(await workspace.receipt('pull-staging')).toMatchObject({ environment: 'production' });
});

test('a registry that gives other bytes is not believed', async () => {
  const workspace = await staged();
  const { host } = await servedRegistry(join(workspace.root, '.release/registries/staging'));
  const [own = ''] = (await layersOf(workspace, 'linux/arm64')).slice(-1);
  const lying = await misbehaving(host, ({ url, method }) =>
    method === 'GET' && url?.includes(own) === true
      ? (answer) => answer.end('other bytes')
      : undefined,
  );
  const env = { RELEASE_STAGING_REGISTRY: `${lying}/acme` };
  const { success, errors } = await workspace.run('pull-staging', { ...toLayout, env });
  expect(success).toBe(false);
  expect(errors).toContain(own);
  const layout = await openLayout(join(workspace.root, 'dist/pulled/mail/1.2.3'));
  expect(await layout.manifests.resolve('1.2.3')).toBeUndefined();
});

describe('a dry run', () => {
  test('shows what would go into the engine, and writes nothing', async () => {
    const workspace = await staged();
    const { PATH, loaded } = await engines({ docker: 'answers' });
    const before = await treeOf(workspace.root);
    const { success, printed } = await workspace.run('pull-staging', {
      env: { PATH, NX_DRY_RUN: 'true' },
    });
    expect(success).toBe(true);
    expect(printed.match(/read {3}blob sha256:[0-9a-f]{64} +\d+ B/g)).toHaveLength(3);
    expect(printed).toMatch(/name {3}127\.0\.0\.1:5001\/acme\/mail:1\.2\.3\n✔ dry run/);
    expect(await treeOf(workspace.root)).toEqual(before);
    await expect(readFile(loaded)).rejects.toThrow('ENOENT');
  });

  test('shows what would go into the layout, and writes nothing', async () => {
    const workspace = await staged();
    const before = await treeOf(workspace.root);
    const options = { to: 'layout', dryRun: true };
    const { success, printed } = await workspace.run('pull-staging', { options });
    expect(success).toBe(true);
    expect(printed).toMatch(/copy {3}blob sha256:[0-9a-f]{64} +\d+ B/);
    expect(printed).toMatch(
      /copy {3}5 blobs and 3 manifests +[\d.]+ kB\n {2}tag {4}1\.2\.3\n✔ dry/,
    );
    expect(await treeOf(workspace.root)).toEqual(before);
  });
});

test.each([
  [{ directory: 'x' }, '--directory is for --to layout: add that, or leave it out'],
  [{ to: 'layout', engine: 'docker' }, '--engine is for --to engine: add that, or leave it out'],
  [
    { to: 'layout', platform: 'linux/arm64' },
    '--platform is for --to engine: a layout gets all platforms; leave it out',
  ],
  [
    { platform: 'linux/x86_64' },
    '--platform: "linux/x86_64" is not a platform: the architecture is called "amd64" in images',
  ],
])('options like %j are refused', async (options, message) => {
  const workspace = await testWorkspace();
  const { success, errors } = await workspace.run('pull-staging', { options });
  expect({ success, errors }).toEqual({ success: false, errors: `✘ ${message}` });
});

/** A workspace with its version in the staging registry. */
async function staged(): Promise<TestWorkspace> {
  const workspace = await testWorkspace();
  await workspace.release({ upTo: 'push-staging' });
  return workspace;
}

async function digestOf(workspace: TestWorkspace): Promise<string> {
  return (await workspace.image()).index.digest;
}

async function platformOf(workspace: TestWorkspace, name: string) {
  const found = (await workspace.image()).platforms.find(({ platform }) => platform === name);
  if (found === undefined) throw new Error(`there is no image for ${name}`);
  return found;
}

/** The digests of its layers, without the algorithm. */
async function layersOf(workspace: TestWorkspace, platform: string): Promise<readonly string[]> {
  return (await platformOf(workspace, platform)).layers.map(({ digest }) => digest.slice(7));
}

async function configOf(workspace: TestWorkspace, manifest: string): Promise<string> {
  const path = `${plugin}/dist/image/blobs/${manifest.replace(':', '/')}`;
  const { config } = JSON.parse(await workspace.text(path)) as { config: { digest: string } };
  return config.digest;
}
