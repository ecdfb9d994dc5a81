import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { describe, expect, test } from 'vitest';

import {
  archiveNames,
  project,
  provider,
  providerWorkspace,
  releaseTag,
  type ProviderWorkspace,
} from '../../test/provider-workspace.js';
import { treeOf } from '../../test/tree.js';

const folder = `teleport-plugins/tag/${releaseTag}`;
const artifacts = '.release/artifacts';
const keys = [...archiveNames, ...archiveNames.map((name) => `${name}.sha256`)].map(
  (name) => `${folder}/${name}`,
);

const placeIn = ({ root }: ProviderWorkspace, store = artifacts) =>
  `file:${join(root, store)}/${folder}`;

test('puts the archives under the release tag, and writes a receipt', async () => {
  const workspace = await providerWorkspace();
  const { printed } = await workspace.release('push-archives');
  expect(printed).toContain(`✔ pushed: ${placeIn(workspace)} (2 archives)`);
  for (const key of keys) {
    const pushed = await readFile(join(workspace.root, artifacts, key));
    const built = key.replace('teleport-plugins/tag/', `${provider}/dist/archives/`);
    expect(pushed.equals(await readFile(join(workspace.root, built)))).toBe(true);
  }
  expect(await workspace.receipt('push-archives')).toMatchObject({
    project,
    target: 'push-archives',
    version: '1.2.3',
    releaseTag,
    environment: 'local',
    dryRun: false,
    images: [],
    stores: [
      {
        store: `file:${join(workspace.root, artifacts)}`,
        objects: keys.map((key) => ({
          key,
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
          result: 'created',
        })),
        signedBy: [],
      },
    ],
    transfer: { copied: { count: 4 }, skipped: { count: 0, bytes: 0 } },
    identity: 'tester',
    git: { clean: true },
  });
});

describe('archives that are there', () => {
  test('with the same bytes are success, and nothing is written', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('push-archives');
    const before = await treeOf(workspace.root);
    expect(await workspace.run('push-archives')).toMatchObject({
      success: true,
      printed: `✔ already there: ${placeIn(workspace)} (2 archives)`,
    });
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('are written down where no receipt says so yet', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('push-archives');
    await rm(join(workspace.root, 'dist'), { recursive: true });
    await workspace.run('push-archives');
    expect(await workspace.receipt('push-archives')).toMatchObject({
      stores: [{ objects: keys.map((key) => ({ key, result: 'already' })) }],
      transfer: { copied: { count: 0 }, skipped: { count: 4 } },
    });
  });

  test.each(keys)('with other bytes are refused, both digests named (%s)', async (key) => {
    const workspace = await providerWorkspace();
    await workspace.release('push-archives');
    await writeFile(join(workspace.root, artifacts, key), 'other');
    const before = await treeOf(workspace.root);
    const { success, errors } = await workspace.run('push-archives');
    expect(success).toBe(false);
    expect(errors).toMatch(
      /-bin\.tar\.gz(?:\.sha256)? is there with the sha256 [0-9a-f]{64}, and the working tree gives [0-9a-f]{64}; what is pushed never changes: give the new bytes another version in packages\/plugins\/provider\/package\.json/,
    );
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('in part are completed', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('push-archives');
    const [first = ''] = keys;
    await rm(join(workspace.root, artifacts, first));
    const { printed } = await workspace.run('push-archives');
    expect(printed).toMatch(/create +1 object .*\n +keep +3 objects/);
    expect(await workspace.receipt('push-archives')).toMatchObject({
      transfer: { copied: { count: 1 }, skipped: { count: 3 } },
    });
  });

  test('of a platform that is not built here are refused', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('push-archives');
    const other = `${folder}/${releaseTag}-linux-386-bin.tar.gz`;
    await workspace.write(`${artifacts}/${other}`, 'x');
    const { success, errors } = await workspace.run('push-archives');
    expect(success).toBe(false);
    expect(errors).toContain(`${other} is there, and the working tree builds no such archive`);
  });
});

describe('what build-archives has left', () => {
  test('is needed', async () => {
    const workspace = await providerWorkspace();
    const { success, errors } = await workspace.run('push-archives');
    expect(success).toBe(false);
    expect(errors).toBe(
      `✘ the archives in ${provider}/dist/archives/${releaseTag} cannot be used: there are none; build it again: npx nx run ${project}:build-archives:local --skip-nx-cache`,
    );
  });

  test('is read before anything is written', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('build-archives');
    const [, name = ''] = archiveNames;
    await writeFile(join(workspace.root, provider, 'dist/archives', releaseTag, name), 'damaged');
    const { success, errors } = await workspace.run('push-archives', { after: ['build-archives'] });
    expect(success).toBe(false);
    expect(errors).toMatch(
      /linux-amd64-bin\.tar\.gz has the sha256 [0-9a-f]{64}, and beside it stands [0-9a-f]{64}; build it again: npx nx run terraform-provider-acme:push-archives:local --skip-nx-cache$/,
    );
    await expect(treeOf(join(workspace.root, '.release'))).rejects.toThrow('ENOENT');
  });
});

describe('another version than the working tree’s', () => {
  test('that is there is success, whatever the tree holds', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('push-archives');
    await workspace.write(`${provider}/package.json`, { version: '1.3.0' });
    for (const options of [{ version: '1.2.3' }, { tag: releaseTag }]) {
      expect(await workspace.run('push-archives', { options })).toMatchObject({
        success: true,
        printed: `✔ already there: ${placeIn(workspace)} (2 archives)`,
      });
    }
  });

  test('that is not there is refused, with the tag to check out', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('build-archives');
    const { success, errors } = await workspace.run('push-archives', {
      options: { tag: 'terraform-provider-acme-v1.2.2' },
    });
    expect(success).toBe(false);
    expect(errors).toBe(
      `✘ file:${workspace.root}/${artifacts}/teleport-plugins/tag/terraform-provider-acme-v1.2.2 has no archives, and the working tree is 1.2.3; to push those of 1.2.2, check out terraform-provider-acme-v1.2.2 and run \`npx nx run ${project}:push-archives:local\` there`,
    );
    await expect(treeOf(join(workspace.root, '.release'))).rejects.toThrow('ENOENT');
  });

  test('that is there in part is refused', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('push-archives');
    const [name = ''] = archiveNames;
    await rm(join(workspace.root, artifacts, folder, `${name}.sha256`));
    await workspace.write(`${provider}/package.json`, { version: '1.3.0' });
    const options = { tag: releaseTag };
    const { success, errors } = await workspace.run('push-archives', { options });
    expect(success).toBe(false);
    expect(errors).toContain(`${name} has no ${name}.sha256 beside it`);
  });
});

describe('a dry run', () => {
  test.each([
    ['--dry-run', { options: { dryRun: true } }],
    ['NX_DRY_RUN', { env: { NX_DRY_RUN: 'true' } }],
  ])('with %s shows each object with its digest, and writes nothing', async (_how, how) => {
    const workspace = await providerWorkspace();
    const before = await treeOf(workspace.root);
    const { success, printed } = await workspace.run('push-archives', how);
    expect(success).toBe(true);
    expect(await treeOf(workspace.root)).toEqual(before);
    await workspace.release('push-archives');
    const receipt = (await workspace.receipt('push-archives')) as {
      readonly stores: readonly [
        { readonly objects: readonly { readonly key: string; readonly sha256: string }[] },
      ];
    };
    for (const { key, sha256 } of receipt.stores[0].objects) {
      expect(printed).toContain(`create  ${basename(key)} sha256:${sha256}`);
    }
  });
});

describe('a protected environment', () => {
  const production = { environment: 'production' };
  const place = (workspace: ProviderWorkspace) =>
    placeIn(workspace, '.release/production/artifacts');

  test('refuses samples by name, and says what to do', async () => {
    const workspace = await providerWorkspace();
    // Left there by the environment that takes them.
    await workspace.release('build-archives');
    await workspace.git('tag', releaseTag);
    const { success, errors } = await workspace.run('push-archives', { options: production });
    expect(success).toBe(false);
    expect(errors).toBe(
      `✘ ${place(workspace)} has no archives, and all there is to be pushed are sample executables, which production refuses because it is protected; have the real archives put there, or run \`npx nx run ${project}:push-archives:production --binaries FOLDER\``,
    );
    await expect(treeOf(join(workspace.root, '.release'))).rejects.toThrow('ENOENT');
  });

  test('refuses samples that come as programs', async () => {
    const workspace = await withBinaries(
      '#!/bin/sh\n# This is a sample, and no Terraform provider\n',
    );
    await workspace.git('tag', releaseTag);
    const options = { ...production, binaries: 'binaries' };
    await workspace.run('build-archives', { options });
    const { success, errors } = await workspace.run('push-archives', { options });
    expect(success).toBe(false);
    expect(errors).toContain('sample executables, which production refuses');
  });

  test('is content with archives that others have put there, and pushes nothing', async () => {
    const workspace = await withBinaries();
    await workspace.git('tag', releaseTag);
    await workspace.release('push-archives', { options: { ...production, binaries: 'binaries' } });
    await rm(join(workspace.root, provider, 'dist'), { recursive: true });
    const before = await treeOf(join(workspace.root, '.release'));
    expect(await workspace.release('push-archives', { options: production })).toMatchObject({
      printed: `✔ already there: ${place(workspace)} (2 archives)`,
    });
    expect(await treeOf(join(workspace.root, '.release'))).toEqual(before);
  });

  test('is not content when a platform is missing', async () => {
    const workspace = await withBinaries();
    await workspace.git('tag', releaseTag);
    await workspace.release('push-archives', { options: { ...production, binaries: 'binaries' } });
    await rm(join(workspace.root, provider, 'dist'), { recursive: true });
    const [name = ''] = archiveNames;
    for (const each of [name, `${name}.sha256`]) {
      await rm(join(workspace.root, '.release/production/artifacts', folder, each));
    }
    const { success, errors } = await workspace.run('push-archives', { options: production });
    expect(success).toBe(false);
    expect(errors).toContain(
      `${place(workspace)} has archives for linux_amd64, and none for darwin_arm64, which ${provider}/release.json declares`,
    );
  });

  test('refuses a dirty, untagged checkout, with the flag for each, and writes nothing', async () => {
    const workspace = await withBinaries();
    await workspace.write('notes.txt', 'not committed');
    const options = { ...production, binaries: 'binaries' };
    await workspace.run('build-archives', { options });
    const { success, errors } = await workspace.run('push-archives', { options });
    expect(success).toBe(false);
    expect(errors).toContain('--allow-dirty');
    expect(errors).toContain('--allow-untagged');
    await expect(treeOf(join(workspace.root, '.release'))).rejects.toThrow('ENOENT');
  });

  test('accepts what a flag allows, and the receipt says so', async () => {
    const workspace = await withBinaries();
    const options = { ...production, binaries: 'binaries', allowUntagged: true };
    await workspace.release('push-archives', { options });
    expect(await workspace.receipt('push-archives')).toMatchObject({
      environment: 'production',
      allowed: ['allow-untagged'],
    });
  });
});

test('an environment without a store of artifacts says what to set', async () => {
  const workspace = await providerWorkspace();
  await workspace.configure({ local: { artifacts: undefined }, production: {} });
  const { errors } = await workspace.run('push-archives');
  expect(errors).toBe(
    '✘ the environment local of release.config.json has no store for archives of Terraform providers: set "artifacts" there, or RELEASE_ARTIFACTS_URL',
  );
});

test('another folder is used when RELEASE_ARTIFACTS_URL names one', async () => {
  const workspace = await providerWorkspace();
  const env = { RELEASE_ARTIFACTS_URL: `file:${workspace.root}/elsewhere` };
  const { printed } = await workspace.release('push-archives', { env });
  expect(printed).toContain(`✔ pushed: ${placeIn(workspace, 'elsewhere')}`);
});

test('a push that is stopped in the middle is finished by the next', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('build-archives');
  const stopped = await workspace.run('push-archives', { interruptAt: /created/ });
  expect(stopped).toMatchObject({ success: false, errors: '✘ interrupted by SIGINT' });
  const { printed } = await workspace.run('push-archives');
  expect(printed).toMatch(/keep .*\n.*✔ pushed: /s);
});

test('two pushes at once push one set of archives', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('build-archives');
  const both = await Promise.all([workspace.run('push-archives'), workspace.run('push-archives')]);
  expect(both.map(({ success }) => success)).toEqual([true, true]);
  expect((await workspace.run('push-archives')).printed).toContain('✔ already there');
});

async function withBinaries(content = 'a program\n'): Promise<ProviderWorkspace> {
  const workspace = await providerWorkspace();
  for (const platform of ['linux_amd64', 'darwin_arm64']) {
    await workspace.write(`binaries/${platform}/terraform-provider-acme`, content);
  }
  return workspace;
}
