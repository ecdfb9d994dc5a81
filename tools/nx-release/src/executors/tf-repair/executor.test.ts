import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { describe, expect, test } from 'vitest';

import {
  archiveNames,
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

describe('zips that are gone or other ones', () => {
  const [zip = '', other = ''] = zipNames;
  const from = (zipsFrom: string) => ({ options: { ...options, zipsFrom } });

  const zipsIn = ({ root }: ProviderWorkspace) =>
    Promise.all(zipNames.map((name) => readFile(join(root, staging, name))));

  async function released(): Promise<ProviderWorkspace> {
    const workspace = await providerWorkspace();
    await workspace.release('tf-release');
    return workspace;
  }

  test('are restored from the other registry', async () => {
    const workspace = await released();
    const before = await zipsIn(workspace);
    await rm(join(workspace.root, staging, zip));
    await writeFile(join(workspace.root, staging, other), 'x');
    const { success, printed } = await workspace.run('tf-repair', from('production'));
    expect(printed).toMatch(
      new RegExp(`create +${zip} sha256:[0-9a-f]{64} .*\n.*replace +${other}`),
    );
    expect(printed).toMatch(/note +caches keep what is replaced .*CloudFront/);
    expect(printed).toMatch(/✔ restored 2 zips in file:/);
    expect(success).toBe(true);
    expect(await zipsIn(workspace)).toEqual(before);
    expect((await workspace.run('tf-verify', { options })).success).toBe(true);
    expect(await workspace.receipt('tf-repair')).toMatchObject({
      stores: [
        {
          objects: [
            { key: zip, result: 'created' },
            { key: other, result: 'replaced' },
          ],
        },
      ],
    });
    const again = await workspace.run('tf-repair', from('production'));
    expect(again.printed).toMatch(/✔ nothing to restore in file:/);
  });

  test('are restored from a folder that has them by their names', async () => {
    const workspace = await staged();
    const before = await zipsIn(workspace);
    const folder = join(workspace.root, '.release/zips');
    await mkdir(folder);
    await rename(join(workspace.root, staging, zip), join(folder, basename(zip)));
    const of = { options: { ...options, zipsFrom: '.release/zips', tag: releaseTag } };
    expect((await workspace.run('tf-repair', of)).success).toBe(true);
    expect(await zipsIn(workspace)).toEqual(before);
    expect(await workspace.receipt('tf-repair')).toMatchObject({ version: '1.2.3', releaseTag });
  });

  test('are made again of the archives of the tag, before production has any', async () => {
    const workspace = await staged();
    const before = await zipsIn(workspace);
    await rm(join(workspace.root, staging, zip));
    const of = { options: { ...options, zipsFrom: 'archives', tag: releaseTag } };
    const { success, printed } = await workspace.run('tf-repair', of);
    expect(printed).toMatch(/✔ restored 1 zip in file:/);
    expect(success).toBe(true);
    expect(await zipsIn(workspace)).toEqual(before);
  });

  test('are not made of archives that are other ones', async () => {
    const workspace = await staged();
    await rm(join(workspace.root, staging, zip));
    const archive = join(workspace.root, '.release/artifacts/teleport-plugins/tag', releaseTag);
    const [darwin = '', linux = ''] = archiveNames;
    for (const ending of ['', '.sha256']) {
      const text = await readFile(join(archive, `${linux}${ending}`));
      await writeFile(
        join(archive, `${darwin}${ending}`),
        ending === '' ? text : text.toString().replace(linux, darwin),
      );
    }
    const of = { options: { ...options, zipsFrom: 'archives', tag: releaseTag } };
    const { success, printed } = await workspace.run('tf-repair', of);
    expect(success).toBe(false);
    expect(printed).toMatch(
      new RegExp(`${zip} is gone, and the one made of file:.*${releaseTag}/ is not the one with`),
    );
  });

  test('are shown by a dry run, which writes nothing', async () => {
    const workspace = await released();
    await rm(join(workspace.root, staging, zip));
    const before = await treeOf(workspace.root);
    const dry = { options: { ...from('production').options, dryRun: true } };
    const { printed } = await workspace.run('tf-repair', dry);
    expect(printed).toMatch(new RegExp(`create +${zip}`));
    expect(printed).toMatch(new RegExp(`keep +${other}`));
    expect(printed).toContain('✔ dry run: nothing is written');
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('and nowhere else to be had fail the step, which restores the others', async () => {
    const workspace = await released();
    await rm(join(workspace.root, staging, zip));
    await rm(join(workspace.root, staging, other));
    await writeFile(join(workspace.root, '.release/terraform/production', zip), 'x');
    const { success, printed, errors } = await workspace.run('tf-repair', from('production'));
    expect(success).toBe(false);
    expect(printed).toMatch(new RegExp(`note +${zip} is gone, and file:.*/${zip} is not the one`));
    expect(errors).toMatch(/^✘ restored 1 zip in file:.*, and 1 thing is left that needs a person/);
    expect(await readFile(join(workspace.root, staging, other))).toBeDefined();
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
  [
    { ...options, zipsFrom: 'staging' },
    '--zips-from is the registry that lost them: name the other one, or a folder',
  ],
  [
    { ...options, zipsFrom: 'productoin' },
    '--zips-from: productoin is none of staging, production, archives, and no folder',
  ],
  [
    { ...options, zipsFrom: '' },
    '--zips-from: an empty name is none of staging, production, archives, and no folder',
  ],
  [
    { ...options, zipsFrom: 'archives' },
    '--zips-from archives is about one version: name it with --tag',
  ],
  [
    { ...options, zipsFrom: 'production', discard: true, tag: releaseTag },
    '--zips-from and --discard are two repairs: run one after the other',
  ],
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
