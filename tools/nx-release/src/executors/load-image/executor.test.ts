import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { engines } from '../../test/engines.js';
import { treeOf } from '../../test/tree.js';
import { testWorkspace, type TestWorkspace } from '../../test/workspace.js';

test('streams the image into the engine, under its name and version', async () => {
  const workspace = await testWorkspace();
  await workspace.release({ upTo: 'build-image' });
  const { PATH, loaded } = await engines({ docker: 'answers' });
  const { success, printed } = await workspace.run('load-image', { env: { PATH } });
  expect(success).toBe(true);
  expect(printed).toMatch(/load +linux\/arm64 into docker +[\d.]+ k?B\n/);
  expect(printed).toContain('✔ loaded; try it with: docker run --rm mail:1.2.3 --version');
  const archive = await readFile(loaded, 'latin1');
  expect(archive).toContain('"RepoTags":["mail:1.2.3"]');
  const { platforms } = await workspace.image();
  const arm64 = platforms.find(({ platform }) => platform === 'linux/arm64');
  for (const { digest } of arm64?.layers ?? []) expect(archive).toContain(digest.slice(7));
});

describe('the engine', () => {
  test('is Podman where no Docker answers', async () => {
    const workspace = await built();
    const { PATH } = await engines({ docker: 'is stopped', podman: 'answers' });
    const { printed } = await workspace.run('load-image', { env: { PATH } });
    expect(printed).toContain('podman run --rm mail:1.2.3');
  });

  test('is the one that is asked for', async () => {
    const workspace = await built();
    const { PATH } = await engines({ docker: 'answers', podman: 'answers' });
    const options = { engine: 'podman' };
    const { printed } = await workspace.run('load-image', { env: { PATH }, options });
    expect(printed).toContain('podman run --rm mail:1.2.3');
  });

  test('is missed where there is none, with what each says', async () => {
    const workspace = await built();
    const { PATH } = await engines({ docker: 'is stopped' });
    const { success, errors } = await workspace.run('load-image', { env: { PATH } });
    expect(success).toBe(false);
    expect(errors).toMatch(/no container engine.*\n.*Cannot connect.*\n.*podman is not installed/);
    expect(errors).toContain('start Docker or install Podman');
  });

  test.each([
    ['refuses the image', 'refuses', 'docker load failed (exit code 1): no space left on device'],
    ['leaves without reading it', 'leaves', 'docker load failed (exit code 3): something else'],
  ] as const)('is quoted when it %s', async (_what, behaviour, message) => {
    const workspace = await built();
    const { PATH } = await engines({ docker: behaviour });
    const { success, errors } = await workspace.run('load-image', { env: { PATH } });
    expect({ success, errors }).toEqual({ success: false, errors: `✘ ${message}` });
  });
});

test('an image that is damaged is not loaded as if it were whole', async () => {
  const workspace = await built();
  const own = String((await workspace.image()).platforms[1]?.layers.at(-1)?.digest);
  const blob = join(
    workspace.root,
    'packages/plugins/mail/dist/image/blobs',
    own.replace(':', '/'),
  );
  const bytes = await readFile(blob);
  bytes[20] = 255 - Number(bytes[20]);
  await writeFile(blob, bytes);
  const { PATH } = await engines({ docker: 'answers' });
  const { success, errors } = await workspace.run('load-image', { env: { PATH } });
  expect(success).toBe(false);
  expect(errors).toContain(
    `the blob ${own} is damaged; build it again: npx nx run mail:build-image`,
  );
});

describe('nothing is loaded', () => {
  test('for a platform that the image is not for, which is known before the engine is asked', async () => {
    const workspace = await built();
    const { PATH, loaded } = await engines({ docker: 'runs another platform' });
    const { success, printed, errors } = await workspace.run('load-image', { env: { PATH } });
    expect({ success, printed }).toEqual({ success: false, printed: '' });
    expect(errors).toMatch(/is not there for linux\/s390x, only for linux\/amd64, linux\/arm64/);
    await expect(readFile(loaded)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('in a dry run', async () => {
    const workspace = await testWorkspace();
    const { PATH } = await engines({ docker: 'answers' });
    const before = await treeOf(workspace.root);
    const options = { env: { PATH }, options: { dryRun: true } };
    const { success, printed } = await workspace.run('load-image', options);
    expect(success).toBe(true);
    expect(printed).toMatch(/name +mail:1\.2\.3\n✔ dry run/);
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('of another version than the working tree’s', async () => {
    const workspace = await testWorkspace();
    const { errors } = await workspace.run('load-image', { options: { version: '1.2.2' } });
    expect(errors).toContain('check out acme-mail-v1.2.2');
  });
});

async function built(): Promise<TestWorkspace> {
  const workspace = await testWorkspace();
  await workspace.release({ upTo: 'build-image' });
  return workspace;
}
