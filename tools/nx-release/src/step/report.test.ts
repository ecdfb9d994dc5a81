import { mkdirSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { findPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { treeOf } from '../test/tree.js';
import { testWorkspace, type TestWorkspace } from '../test/workspace.js';

const staging = '127.0.0.1:5001/acme/mail';

describe('a step whose receipt cannot be written', () => {
  test.each([
    ['push-staging', 'build-image', 'staging'],
    ['promote-public', 'push-staging', 'public'],
  ] as const)('writes nothing (%s)', async (target, before, registry) => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: before });
    const release = await obstruct(workspace);
    const { success, errors } = await workspace.run(target);
    expect(success).toBe(false);
    expect(errors).toMatch(
      new RegExp(
        `^✘ dist/release/mail/${target}\\.json: the receipt cannot be written: ENOTDIR.*; see that .*, then run the step again$`,
      ),
    );
    const registries = await treeOf(join(workspace.root, '.release/registries')).catch(() => ({}));
    expect(Object.keys(registries).filter((path) => path.includes(`/${registry}/`))).toEqual([]);

    await rm(release);
    expect((await workspace.run(target)).success).toBe(true);
    expect(await workspace.receipt(target)).toMatchObject({ target });
  });

  test('writes nothing (pull-staging into a layout)', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'push-staging' });
    const release = await obstruct(workspace);
    const options = { to: 'layout', directory: 'pulled' };
    const { success, errors } = await workspace.run('pull-staging', { options });
    expect(success).toBe(false);
    expect(errors).toContain('pull-staging.json: the receipt cannot be written: ENOTDIR');
    await expect(treeOf(join(workspace.root, 'pulled'))).rejects.toThrow('ENOENT');
    await rm(release);
    expect((await workspace.run('pull-staging', { options })).success).toBe(true);
  });

  test('because there is no git that could say what is checked out, writes nothing', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    const { success, errors } = await workspace.run('push-staging', { env: await withoutGit() });
    expect({ success, errors }).toEqual({
      success: false,
      errors: '✘ git is not installed, and this step needs it',
    });
    await expect(treeOf(join(workspace.root, '.release/registries'))).rejects.toThrow('ENOENT');
  });

  test('after it was proved that it can says what is done, and the next run writes it', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    const receipt = join(workspace.root, 'dist/release/mail/push-staging.json');
    const { success, errors } = await workspace.run('push-staging', {
      onPrint: (line) => {
        if (line.includes('copied')) mkdirSync(receipt, { recursive: true });
      },
    });
    const { digest } = (await workspace.image()).index;
    expect(success).toBe(false);
    expect(errors).toMatch(
      new RegExp(
        `^✘ ${staging}@${digest} \\(1\\.2\\.3\\) is in place, without a receipt: dist/release/mail/push-staging\\.json: the receipt cannot be written: .*, then run the step again$`,
      ),
    );
    await rm(receipt, { recursive: true });
    expect((await workspace.run('push-staging')).printed).toContain('✔ already staged');
    expect(await workspace.receipt('push-staging')).toMatchObject({
      images: [{ digest, tags: [{ tag: '1.2.3', result: 'already' }] }],
    });
  });
});

test.each([
  ['push-staging', '✔ already staged: 127.0.0.1:5001/acme/mail:1.2.3@'],
  ['promote-public', '✔ already public: 127.0.0.1:5002/acme/mail:1.2.3@'],
] as const)(
  'what %s finds done is success without a receipt, and that there is none is said',
  async (target, summary) => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: target });
    await rm(join(workspace.root, 'dist'), { recursive: true });
    await obstruct(workspace);
    const { success, printed, errors } = await workspace.run(target);
    expect(success).toBe(true);
    expect(printed).toContain(summary);
    expect(errors).toMatch(
      new RegExp(`^no receipt: dist/release/mail/${target}\\.json: .*, then run the step again$`),
    );
  },
);

/** Puts a file where the folder of the receipts would be, and returns its path. */
async function obstruct({ root }: TestWorkspace): Promise<string> {
  const path = join(root, 'dist/release');
  await rm(path, { recursive: true, force: true });
  await mkdir(join(root, 'dist'), { recursive: true });
  await writeFile(path, '');
  return path;
}

async function withoutGit(): Promise<{ readonly PATH: string }> {
  const PATH = await temporaryDirectory();
  const sh = findPeer({ program: 'sh', install: '' });
  if (sh !== undefined) await symlink(sh, join(PATH, 'sh'));
  return { PATH };
}
