import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { throwawayKey } from '@teleport-plugins/terraform-registry';
import { expect, test } from 'vitest';

import {
  provider,
  providerWorkspace,
  releaseTag,
  zipNames,
  type ProviderWorkspace,
} from '../../test/provider-workspace.js';
import { treeOf } from '../../test/tree.js';

const staging = '.release/terraform/staging';
const options = { registry: 'staging' };

/** With two versions that are signed by a key that is lost. */
async function withLostKey(): Promise<ProviderWorkspace> {
  const workspace = await providerWorkspace();
  await workspace.release('tf-stage');
  await workspace.write(`${provider}/package.json`, { name: '@acme/provider', version: '1.2.4' });
  await workspace.release('tf-stage');
  await rm(join(workspace.root, '.release/keys/local-staging.asc'));
  return workspace;
}

test('signs all versions with the key of now; zips and sums stay as they are', async () => {
  const workspace = await withLostKey();
  const before = await treeOf(join(workspace.root, staging));
  const { success, printed } = await workspace.run('tf-resign', { options });
  expect(success).toBe(true);
  expect(printed).toMatch(/signed 1\.2\.3\n {2}signed 1\.2\.4\n✔ signed 2 versions of 2 in file:/);
  const after = await treeOf(join(workspace.root, staging));
  for (const [path, content] of Object.entries(before)) {
    if (/\.zip$|SHA256SUMS$|\.sig$/.test(path)) expect(after[path]).toBe(content);
  }
  expect((await workspace.run('tf-verify', { options })).success).toBe(true);
  expect(await workspace.receipt('tf-resign')).toMatchObject({
    project: 'release',
    stores: [{ signedBy: [expect.stringMatching(/^[0-9A-F]{16}$/)] }],
  });
});

test('signs the version that is named, and no other', async () => {
  const workspace = await withLostKey();
  const { printed } = await workspace.run('tf-resign', {
    options: { ...options, tag: releaseTag },
  });
  expect(printed).toMatch(/✔ signed 1 version of 1 in file:/);
  expect(await workspace.receipt('tf-resign')).toMatchObject({ version: '1.2.3', releaseTag });
  const { printed: rest } = await workspace.run('tf-resign', { options });
  expect(rest).toMatch(/✔ signed 1 version of 2 in file:/);
});

test('what is signed with the keys of now is left alone', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('tf-stage');
  const before = await treeOf(workspace.root);
  const { printed } = await workspace.run('tf-resign', { options });
  expect(printed).toMatch(/✔ already signed: 1 version in file:/);
  expect(await treeOf(workspace.root)).toEqual(before);
});

test('a dry run shows what would be written, and writes nothing', async () => {
  const workspace = await withLostKey();
  const before = await treeOf(workspace.root);
  const { printed } = await workspace.run('tf-resign', { options: { ...options, dryRun: true } });
  expect(printed).toMatch(/version {2}1\.2\.3/);
  expect(printed).toMatch(new RegExp(`keep +${zipNames[0] ?? ''} `));
  expect(printed).toMatch(/create +store\/.*\.sig sha256:/);
  expect(await treeOf(workspace.root)).toEqual(before);
});

test('two keys sign together, for a rotation', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('tf-stage');
  const second = join(workspace.root, 'second.asc');
  await workspace.write('second.asc', (await throwawayKey(new Date(0), { bits: 2048 })).reveal());
  const config = (await workspace.read('release.config.json')) as {
    environments: { local: { terraform: { staging: { signingKeys: unknown[] } } } };
  };
  config.environments.local.terraform.staging.signingKeys.push({ file: second });
  await workspace.write('release.config.json', config);
  const { printed } = await workspace.run('tf-resign', { options });
  expect(printed).toMatch(/✔ signed 1 version of 1 in .* with [0-9A-F]{16} and [0-9A-F]{16}$/);
  expect((await workspace.run('tf-verify', { options })).success).toBe(true);
});
