import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { directoryStore } from '@teleport-plugins/object-store';
import { describe, expect, test } from 'vitest';

import {
  providerWorkspace,
  releaseTag,
  zipNames,
  type ProviderWorkspace,
} from '../../test/provider-workspace.js';
import { treeOf } from '../../test/tree.js';

const index = '.release/terraform/production/registry/acme/acme/versions';
const options = { registry: 'production', tag: releaseTag, reason: 'deletes users' };

/** Of each object of a store, what it holds. */
async function contentsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const { key } of directoryStore(folder).list('')) {
    found.set(
      key,
      createHash('sha256')
        .update(await readFile(join(folder, key)))
        .digest('hex'),
    );
  }
  return found;
}

async function released(): Promise<ProviderWorkspace> {
  const workspace = await providerWorkspace();
  await workspace.release('tf-release');
  return workspace;
}

test('warns everybody of a version, which stays installable', async () => {
  const workspace = await released();
  const { success, printed } = await workspace.run('tf-yank', { options });
  expect(success).toBe(true);
  expect(printed).toMatch(
    /keep +1\.2\.3\n +warn +acme\/acme 1\.2\.3 should not be used: deletes users/,
  );
  expect(printed).toMatch(/✔ warned of: 1\.2\.3 in file:/);
  expect(await workspace.read(index)).toMatchObject({
    versions: [{ version: '1.2.3' }],
    warnings: ['acme/acme 1.2.3 should not be used: deletes users'],
  });
  expect(await workspace.receipt('tf-yank')).toMatchObject({
    project: 'release',
    version: '1.2.3',
    stores: [{ objects: [{ key: 'registry/acme/acme/versions', result: 'replaced' }] }],
  });
});

test('withdraws one only when that is confirmed, and says first whom it breaks', async () => {
  const workspace = await released();
  const hard = { ...options, hard: true };
  const before = await treeOf(workspace.root);
  const first = await workspace.run('tf-yank', { options: hard });
  expect(first.success).toBe(false);
  expect(first.printed).toContain('"terraform init" fails for everybody whose lock file');
  expect(first.errors).toContain('to do it all the same add --confirm 1.2.3');
  const other = await workspace.run('tf-yank', { options: { ...hard, confirm: '1.2.4' } });
  expect(other.success).toBe(false);
  expect(await treeOf(workspace.root)).toEqual(before);

  const { printed } = await workspace.run('tf-yank', { options: { ...hard, confirm: '1.2.3' } });
  expect(printed).toMatch(/✔ withdrawn: 1\.2\.3 in file:/);
  expect(await workspace.read(index)).toMatchObject({ versions: [] });
  // Its files stay, and nothing brings it back by accident.
  expect(await workspace.text(`.release/terraform/production/${zipNames[0] ?? ''}`)).not.toBe('');
  const { errors } = await workspace.run('tf-release');
  expect(errors).toContain('version 1.2.3 was yanked: deletes users');
  const { printed: repaired } = await workspace.run('tf-repair', {
    options: { registry: 'production' },
  });
  expect(repaired).toContain('nothing to repair');
});

test('corrects a reason, and does nothing when it is right already', async () => {
  const workspace = await released();
  await workspace.run('tf-yank', { options: { ...options, reason: 'deletes uers' } });
  const { printed } = await workspace.run('tf-yank', { options });
  expect(printed).toContain('✔ warned of: 1.2.3');
  expect(await workspace.read(index)).toMatchObject({
    warnings: ['acme/acme 1.2.3 should not be used: deletes users'],
  });
  const again = await workspace.run('tf-yank', { options });
  expect(again.printed).toContain('✔ already warned of: 1.2.3');
  const hard = { ...options, hard: true, confirm: '1.2.3' };
  await workspace.run('tf-yank', { options: hard });
  expect((await workspace.run('tf-yank', { options: hard })).printed).toContain(
    '✔ already withdrawn: 1.2.3',
  );
});

describe('undone', () => {
  const undo = { registry: 'production', tag: releaseTag, undo: true };
  const hard = { ...options, hard: true, confirm: '1.2.3' };

  test.each([
    ['a warning', options],
    ['a withdrawal', hard],
  ])('%s leaves all as it was', async (_, given) => {
    const workspace = await released();
    const folder = join(workspace.root, '.release/terraform/production');
    const before = await contentsIn(folder);
    await workspace.run('tf-yank', { options: given });
    const dry = await workspace.run('tf-yank', { options: { ...undo, dryRun: true } });
    expect(dry.printed).toMatch(/unwarn +acme\/acme 1\.2\.3 .*: deletes users/);
    expect(dry.printed).toMatch(/replace +registry\/acme\/acme\/versions, merged/);
    const { success, printed } = await workspace.run('tf-yank', { options: undo });
    expect(printed).toMatch(/✔ brought back: 1\.2\.3 in file:/);
    expect(success).toBe(true);
    expect(await contentsIn(folder)).toEqual(before);
    expect((await workspace.run('tf-verify')).success).toBe(true);
    const again = await workspace.run('tf-yank', { options: undo });
    expect(again.printed).toMatch(/✔ already brought back: 1\.2\.3 in file:/);
  });

  test('a withdrawal is not when a zip is gone', async () => {
    const workspace = await released();
    await workspace.run('tf-yank', { options: hard });
    await rm(join(workspace.root, '.release/terraform/production', zipNames[0] ?? ''));
    const { success, errors } = await workspace.run('tf-yank', { options: undo });
    expect(success).toBe(false);
    expect(errors).toMatch(
      /version 1\.2\.3 cannot be brought back: .*\.zip: .* is gone; `tf-repair --zips-from PLACE --tag terraform-provider-acme-v1\.2\.3` restores it/,
    );
  });
});

test('a dry run shows what would be shown and who would break, and writes nothing', async () => {
  const workspace = await released();
  const before = await treeOf(workspace.root);
  const { success, printed } = await workspace.run('tf-yank', {
    options: { ...options, hard: true, dryRun: true },
  });
  expect(success).toBe(true);
  expect(printed).toMatch(/withdraw +1\.2\.3/);
  expect(printed).toMatch(/replace +releases\/acme\/acme\/1\.2\.3\.json sha256:[0-9a-f]{64} +\d/);
  expect(printed).toMatch(/replace +registry\/acme\/acme\/versions, merged/);
  expect(printed).toMatch(/replace +mirror\/tf\.example\.com\/acme\/acme\/index\.json, merged/);
  expect(printed).toContain('✔ dry run: nothing is written');
  expect(await treeOf(workspace.root)).toEqual(before);
});

test.each([
  [{ registry: 'production', reason: 'x' }, 'say which version: --tag'],
  [{ registry: 'production', tag: releaseTag }, 'say why with --reason'],
  [{ ...options, undo: true }, '--undo takes no --reason, no --hard and no --confirm'],
  [{ ...options, reason: 'two\nlines' }, 'say why with --reason, on one line'],
  [{ tag: releaseTag, reason: 'x' }, 'say which Terraform registry'],
  [{ ...options, tag: 'terraform-provider-acme-v9.9.9' }, 'version 9.9.9 is not listed'],
  [{ ...options, tag: 'teleport-email-v1.2.3' }, 'is a release of another plugin'],
])('options like %j are refused', async (given, message) => {
  const workspace = await providerWorkspace();
  const { success, errors } = await workspace.run('tf-yank', { options: given });
  expect(success).toBe(false);
  expect(errors).toContain(message);
});
