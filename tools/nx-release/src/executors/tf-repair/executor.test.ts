import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import {
  providerWorkspace,
  releaseTag,
  zipNames,
  type ProviderWorkspace,
} from '../../test/provider-workspace.js';
import { treeOf } from '../../test/tree.js';

const staging = '.release/terraform/staging';
const index = 'registry/acme/acme/versions';
const options = { registry: 'staging' };

async function staged(): Promise<ProviderWorkspace> {
  const workspace = await providerWorkspace();
  await workspace.release('tf-stage');
  return workspace;
}

describe('an index', () => {
  test.each<[string, (path: string) => Promise<void>]>([
    ['that is gone', (path) => rm(path)],
    ['that was edited by hand', (path) => writeFile(path, '{"versions":[]}')],
    ['that is no JSON', (path) => writeFile(path, '<html>')],
  ])('%s is made again from the records', async (_what, damage) => {
    const workspace = await staged();
    const path = join(workspace.root, staging, index);
    const before = await readFile(path, 'utf8');
    await damage(path);
    const { success, printed } = await workspace.run('tf-repair', { options });
    expect(success).toBe(true);
    expect(printed).toMatch(/✔ repaired 1 object in file:/);
    expect(await readFile(path, 'utf8')).toBe(before);
    expect((await workspace.run('tf-verify', { options })).success).toBe(true);
    const receipt = await workspace.receipt('tf-repair');
    expect(receipt).toMatchObject({
      project: 'release',
      target: 'tf-repair',
      environment: 'local',
      stores: [
        { objects: expect.arrayContaining([expect.objectContaining({ key: index })]) as unknown },
      ],
    });
    expect(receipt).not.toHaveProperty('version');
  });
});

test('a registry that is as it should be is left alone', async () => {
  const workspace = await staged();
  const before = await treeOf(workspace.root);
  const { printed } = await workspace.run('tf-repair', { options });
  expect(printed).toMatch(/✔ nothing to repair in file:/);
  expect(await treeOf(workspace.root)).toEqual(before);
});

test('a dry run shows what would be written, and writes nothing', async () => {
  const workspace = await staged();
  await rm(join(workspace.root, staging, index));
  const before = await treeOf(workspace.root);
  const { printed } = await workspace.run('tf-repair', { options: { ...options, dryRun: true } });
  expect(printed).toMatch(new RegExp(`create +${index} sha256:[0-9a-f]{64}`));
  expect(printed).toContain('✔ dry run: nothing is written');
  expect(await treeOf(workspace.root)).toEqual(before);
});

describe('a record that is gone', () => {
  const record = 'releases/acme/acme/1.2.3.json';
  const zip = zipNames[0] ?? '';
  const delete_ = (workspace: ProviderWorkspace, ...names: readonly string[]) =>
    Promise.all(names.map((name) => rm(join(workspace.root, staging, name))));

  test('is made again, and the version can be staged as before', async () => {
    const workspace = await staged();
    await delete_(workspace, record);
    const { success, printed } = await workspace.run('tf-repair', { options });
    expect(printed).toMatch(/note +version 1\.2\.3: its record was gone, and is made again/);
    expect(printed).toMatch(/✔ repaired 1 object in file:/);
    expect(success).toBe(true);
    expect((await workspace.run('tf-stage')).printed).toContain('✔ already staged');
  });

  test('is made again where somebody says that the version was published', async () => {
    const workspace = await staged();
    const host = 'tf-staging.example.com';
    await delete_(workspace, record, index, `mirror/${host}/acme/acme/index.json`);
    const unsaid = await workspace.run('tf-repair', { options });
    expect(unsaid.success).toBe(false);
    expect(unsaid.printed).toContain(
      '`tf-repair --published --tag terraform-provider-acme-v1.2.3`',
    );
    const published = { ...options, published: true, tag: releaseTag };
    const { success, printed } = await workspace.run('tf-repair', { options: published });
    expect(printed).toMatch(/✔ repaired 3 objects in file:/);
    expect(success).toBe(true);
    expect(await workspace.read(`${staging}/${index}`)).toMatchObject({
      versions: [{ version: '1.2.3' }],
    });
    expect(await workspace.receipt('tf-repair')).toMatchObject({ version: '1.2.3', releaseTag });
  });

  test('and cannot be made again fails the step, which does all else first', async () => {
    const workspace = await staged();
    const mirror = 'mirror/tf-staging.example.com/acme/acme/index.json';
    await delete_(workspace, record, zip, mirror);
    const first = await workspace.run('tf-repair', { options });
    expect(first.success).toBe(false);
    expect(first.printed).toMatch(/note +version 1\.2\.3 is listed and its record is gone/);
    expect(first.errors).toMatch(
      /^✘ repaired 1 object in file:.*, and 1 thing is left that needs a person: see the notes above$/,
    );
    expect(await workspace.read(`${staging}/${mirror}`)).toBeDefined();
    expect(await workspace.receipt('tf-repair')).toBeDefined();
    const second = await workspace.run('tf-repair', { options });
    expect(second.success).toBe(false);
    expect(second.errors).toMatch(/^✘ nothing to repair in file:.*, and 1 thing is left/);
    const dry = await workspace.run('tf-repair', { options: { ...options, dryRun: true } });
    expect(dry.success).toBe(true);
  });
});

describe('what an attempt left that was never completed', () => {
  const discarding = { ...options, discard: true, tag: releaseTag };

  test('is discarded, and the version can be published from other archives', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('push-archives');
    await workspace.run('tf-stage', { interruptAt: /created .*\.zip/ });
    const { printed } = await workspace.run('tf-repair', { options: discarding });
    expect(printed).toMatch(/delete {2}store\/acme\/acme\/1\.2\.3\//);
    expect(printed).toMatch(/✔ discarded \d+ objects? in file:/);
    for (const zip of zipNames) {
      await expect(readFile(join(workspace.root, staging, zip))).rejects.toThrow('ENOENT');
    }
    expect(await workspace.receipt('tf-repair')).toMatchObject({ version: '1.2.3', releaseTag });
    expect((await workspace.run('tf-stage')).success).toBe(true);
  });

  test('is nothing, of a version that was completed', async () => {
    const workspace = await staged();
    const before = await treeOf(workspace.root);
    const { printed } = await workspace.run('tf-repair', { options: discarding });
    expect(printed).toMatch(/✔ nothing to discard in file:/);
    expect(await treeOf(workspace.root)).toEqual(before);
  });
});

test.each([
  [{}, 'say which Terraform registry: --registry staging, or --registry production'],
  [{ ...options, discard: true }, '--discard is for one version: name it with --tag'],
  [{ ...options, tag: releaseTag }, 'a registry is repaired as a whole: leave the version out'],
  [{ ...options, published: true }, '--published is about one version: name it with --tag'],
  [
    { ...options, published: true, discard: true, tag: releaseTag },
    '--published and --discard are of opposite kinds of versions',
  ],
])('options like %j are refused', async (given, message) => {
  const workspace = await providerWorkspace();
  const { success, errors } = await workspace.run('tf-repair', { options: given });
  expect(success).toBe(false);
  expect(errors).toContain(message);
});
