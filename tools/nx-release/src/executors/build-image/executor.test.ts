import { join } from 'node:path';

import {
  openLayout,
  parseManifest,
  readAll,
  type Descriptor,
  type Repository,
} from '@teleport-plugins/oci';
import { describe, expect, test } from 'vitest';

import { treeOf } from '../../test/tree.js';
import { plugin, testWorkspace, type TestWorkspace } from '../../test/workspace.js';

const layoutFolder = `${plugin}/dist/image`;

describe('the image', () => {
  test('says what it is, where it comes from and what it was built on', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    const commit = (await workspace.git('rev-parse', 'HEAD')).trim();
    expect(await annotationsOf(workspace)).toEqual({
      'org.opencontainers.image.title': 'Mail',
      'org.opencontainers.image.description': 'Sends mail',
      'org.opencontainers.image.version': '1.2.3',
      'org.opencontainers.image.source': 'https://github.com/acme/plugins',
      'org.opencontainers.image.revision': commit,
      'org.opencontainers.image.created': '2026-01-02T03:04:05Z',
      'org.opencontainers.image.base.name': expect.stringMatching(
        /^127\.0\.0\.1:\d+\/base\/node:20$/,
      ) as unknown,
      'org.opencontainers.image.base.digest': expect.stringMatching(/^sha256:/) as unknown,
    });
  });

  test('runs the bundle as the declared user with the declared arguments', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    expect(await configOf(workspace)).toMatchObject({
      architecture: 'amd64',
      config: {
        User: '65532:65532',
        Entrypoint: ['node', '/app/main.mjs'],
        Labels: { 'org.opencontainers.image.version': '1.2.3' },
      },
    });
  });

  test('is described in image.json, with its platforms and sizes', async () => {
    const workspace = await testWorkspace();
    const { printed } = await workspace.release({ upTo: 'build-image' });
    const { index, platforms } = await workspace.image();
    expect(printed).toContain(`✔ ${index.digest} for linux/amd64, linux/arm64, `);
    expect(platforms.map(({ platform, layers }) => [platform, layers.length])).toEqual([
      ['linux/amd64', 2],
      ['linux/arm64', 2],
    ]);
  });

  test('is a layout with the version as its tag, without the layers of the base', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    const { index, platforms } = await workspace.image();
    const layout = await layoutOf(workspace);
    expect((await layout.manifests.resolve('1.2.3'))?.digest).toBe(index.digest);
    const files = await namesIn(workspace);
    const baseLayer = String(platforms[0]?.layers[0]?.digest).replace('sha256:', '');
    expect(files.filter((file) => file.includes(baseLayer))).toEqual([]);
  });
});

describe('the digest', () => {
  test('is the same in another folder, where the same is committed', async () => {
    const one = await testWorkspace();
    const other = await testWorkspace({ base: one.base });
    await one.release({ upTo: 'build-image' });
    await other.release({ upTo: 'build-image' });
    expect(await other.image()).toEqual(await one.image());
    expect(await namesIn(other)).toEqual(await namesIn(one));
  });

  test('does not change with commits that do not touch the sources', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    const { digest } = (await workspace.image()).index;
    await workspace.write('README.md', 'hello');
    await workspace.commit();
    await workspace.write('notes.txt', 'not committed, and nothing to do with it');
    await workspace.release({ upTo: 'build-image' });
    expect((await workspace.image()).index.digest).toBe(digest);
  });

  test('does not change with tests and documentation of the plugin, committed or not', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    const { digest } = (await workspace.image()).index;
    for (const file of ['README.md', 'src/main.test.ts', 'test/server.ts', 'tsconfig.json']) {
      await workspace.write(`${plugin}/${file}`, 'changed');
    }
    await workspace.release({ upTo: 'build-image' });
    expect((await workspace.image()).index.digest).toBe(digest);
    await workspace.commit();
    await workspace.release({ upTo: 'build-image' });
    expect((await workspace.image()).index.digest).toBe(digest);
  });

  test('changes with a commit to a workspace package that is bundled', async () => {
    const workspace = await testWorkspace();
    await workspace.write('packages/kit/package.json', { name: '@acme/kit' });
    const dependencies = { '@acme/kit': '0.0.0' };
    await workspace.write(`${plugin}/package.json`, {
      name: '@acme/mail',
      version: '1.2.3',
      dependencies,
    });
    await workspace.commit();
    await workspace.release({ upTo: 'build-image' });
    const { digest } = (await workspace.image()).index;
    await workspace.write('packages/kit/src/index.ts', 'export {};');
    await workspace.commit();
    await workspace.release({ upTo: 'build-image' });
    expect((await workspace.image()).index.digest).not.toBe(digest);
    const commit = (await workspace.git('rev-parse', 'HEAD')).trim();
    expect((await annotationsOf(workspace))?.['org.opencontainers.image.revision']).toBe(commit);
  });

  test('says when the sources have uncommitted changes', async () => {
    const workspace = await testWorkspace();
    await workspace.write(`${plugin}/src/main.ts`, 'console.log("changed");\n');
    const { printed } = await workspace.release({ upTo: 'build-image' });
    const { 'org.opencontainers.image.revision': revision } =
      (await annotationsOf(workspace)) ?? {};
    expect(revision).toMatch(/^[0-9a-f]{40}-dirty$/);
    expect(printed).toMatch(/note +its sources have uncommitted changes/);
  });

  test('has its time from SOURCE_DATE_EPOCH where that is set', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image', env: { SOURCE_DATE_EPOCH: '86400' } });
    const { 'org.opencontainers.image.created': created } = (await annotationsOf(workspace)) ?? {};
    expect(created).toBe('1970-01-02T00:00:00Z');
  });

  test.each(['yesterday', '-1', '1e9', '8589934592', '99999999999'])(
    'is not made with SOURCE_DATE_EPOCH=%s, which is named',
    async (epoch) => {
      const workspace = await testWorkspace();
      await workspace.run('build');
      const env = { SOURCE_DATE_EPOCH: epoch };
      const { success, errors } = await workspace.run('build-image', { env });
      expect({ success, errors }).toEqual({
        success: false,
        errors: `✘ SOURCE_DATE_EPOCH: expected seconds since 1970, at most 8589934591, found "${epoch}"; correct or unset it`,
      });
    },
  );

  test('may be of the last second that an image can be of', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image', env: { SOURCE_DATE_EPOCH: '8589934591' } });
    const { 'org.opencontainers.image.created': created } = (await annotationsOf(workspace)) ?? {};
    expect(created).toBe('2242-03-16T12:56:31Z');
  });

  test('notes that the history of a shallow clone may be wrong', async () => {
    const workspace = await testWorkspace();
    await workspace.write('README.md', 'hello');
    await workspace.commit();
    await workspace.git('fetch', '--quiet', '--depth=1', `file://${workspace.root}`, 'HEAD');
    await workspace.run('build');
    expect((await workspace.run('build-image')).printed).toMatch(/note +this clone is shallow/);
  });

  test('needs no commit: an image without history has no revision', async () => {
    const workspace = await testWorkspace();
    await workspace.git('update-ref', '-d', 'HEAD');
    await workspace.release({ upTo: 'build-image' });
    expect(await annotationsOf(workspace)).toMatchObject({
      'org.opencontainers.image.created': '1970-01-01T00:00:00Z',
    });
    expect(await annotationsOf(workspace)).not.toHaveProperty('org.opencontainers.image.revision');
  });
});

test('an earlier image leaves nothing behind', async () => {
  const workspace = await testWorkspace();
  await workspace.release({ upTo: 'build-image' });
  const before = await namesIn(workspace);
  await workspace.write(`${plugin}/package.json`, { version: '1.2.4' });
  await workspace.commit();
  await workspace.release({ upTo: 'build-image' });
  expect(await namesIn(workspace)).toHaveLength(before.length);
  expect(await (await layoutOf(workspace)).manifests.resolve('1.2.3')).toBeUndefined();
});

test('two plugins that would release to one place are refused, both named', async () => {
  const workspace = await testWorkspace();
  await workspace.run('build');
  await workspace.write('packages/kit/package.json', { name: '@acme/kit', version: '1.0.0' });
  await workspace.write(
    'packages/kit/release.json',
    await workspace.text(`${plugin}/release.json`),
  );
  const { errors } = await workspace.run('build-image');
  expect(errors).toMatch(/packages\/kit\/release\.json and .*mail\/release\.json .*same image/);
});

test('a base that lacks a platform of the plugin is refused', async () => {
  const workspace = await testWorkspace();
  const release = JSON.parse(await workspace.text(`${plugin}/release.json`)) as { image: object };
  const image = { ...release.image, platforms: ['linux/amd64', 'linux/s390x'] };
  await workspace.write(`${plugin}/release.json`, { ...release, image });
  await workspace.run('build');
  const { success, errors } = await workspace.run('build-image');
  expect(success).toBe(false);
  expect(errors).toMatch(/is not there for linux\/s390x, only for linux\/amd64, linux\/arm64/);
});

test('a base that is not there is named', async () => {
  const workspace = await testWorkspace();
  await workspace.run('build');
  const base = `127.0.0.1:1/base/node@sha256:${'0'.repeat(64)}`;
  const { errors } = await workspace.run('build-image', { env: { RELEASE_BASE_IMAGE: base } });
  expect(errors).toMatch(/^✘ .*127\.0\.0\.1:1/);
});

describe('nothing is written', () => {
  test('before the plugin is bundled', async () => {
    const { success, errors } = await (await testWorkspace()).run('build-image');
    expect(success).toBe(false);
    expect(errors).toMatch(/there is no bundle: .*; run `npx nx run mail:build`/);
  });

  test('of another version than the working tree’s', async () => {
    const workspace = await testWorkspace();
    const before = await treeOf(workspace.root);
    const { printed } = await workspace.run('build-image', {
      options: { tag: 'acme-mail-v1.2.2' },
    });
    expect(printed).toBe('✔ mail 1.2.2: nothing to build, the working tree is 1.2.3');
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('in a dry run, which names the digest', async () => {
    const workspace = await testWorkspace();
    const before = await treeOf(workspace.root);
    const { printed } = await workspace.run('build-image', { options: { dryRun: true } });
    expect(await treeOf(workspace.root)).toEqual(before);
    await workspace.release({ upTo: 'build-image' });
    expect(printed).toContain(`✔ dry run: would be ${(await workspace.image()).index.digest} for`);
  });
});

async function layoutOf(workspace: TestWorkspace): Promise<Repository> {
  return openLayout(join(workspace.root, layoutFolder));
}

/** The files and folders of the layout. */
async function namesIn(workspace: TestWorkspace): Promise<readonly string[]> {
  const folder = join(workspace.root, layoutFolder);
  return Object.keys(await treeOf(folder)).map((path) => path.slice(folder.length));
}

async function annotationsOf(workspace: TestWorkspace) {
  const layout = await layoutOf(workspace);
  const index = (await workspace.image()).index as unknown as Descriptor;
  return parseManifest(index, await layout.manifests.fetch(index)).annotations;
}

/** The config of the first platform. */
async function configOf(workspace: TestWorkspace): Promise<unknown> {
  const layout = await layoutOf(workspace);
  const { platforms } = await workspace.image();
  const descriptor = await layout.manifests.resolve(String(platforms[0]?.manifest));
  if (descriptor === undefined) return undefined;
  const manifest = parseManifest(descriptor, await layout.manifests.fetch(descriptor));
  if (manifest.kind !== 'image') return undefined;
  const bytes = await readAll(layout.blobs.fetch(manifest.config), { limit: 100_000 });
  return JSON.parse(Buffer.from(bytes).toString('utf8'));
}
