import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { directoryStore } from '@teleport-plugins/object-store';
import { storeReader, verifyRegistry } from '@teleport-plugins/terraform-registry';
import { describe, expect, test } from 'vitest';

import {
  project,
  provider,
  providerWorkspace,
  releaseTag,
  zipNames,
  type ProviderWorkspace,
} from '../../test/provider-workspace.js';
import { signingKeys } from '../../test/signing-keys.js';
import { treeOf } from '../../test/tree.js';

const staging = '.release/terraform/staging';
const production = '.release/terraform/production';
const address = 'tf.example.com/acme/acme';
const index = 'registry/acme/acme/versions';

const findingsIn = ({ root }: ProviderWorkspace, folder = production) =>
  verifyRegistry(
    storeReader(directoryStore(join(root, folder))),
    { namespace: 'acme', type: 'acme' },
    { at: new Date() },
  );

test('gives production the zips of staging, signs them with its own key, and writes a receipt', async () => {
  const workspace = await providerWorkspace();
  const { printed } = await workspace.release('tf-release');
  expect(printed).toContain(
    `✔ released: ${address} 1.2.3 in file:${join(workspace.root, production)} (darwin_arm64, linux_amd64)`,
  );
  expect(await findingsIn(workspace)).toEqual([]);
  for (const zip of zipNames) {
    const [before, after] = [staging, production].map((store) => join(workspace.root, store, zip));
    expect((await readFile(after ?? '')).equals(await readFile(before ?? ''))).toBe(true);
  }
  const receipts = await Promise.all(
    (['tf-stage', 'tf-release'] as const).map(
      async (target) =>
        (await workspace.receipt(target)) as {
          readonly stores: readonly [{ readonly signedBy: readonly string[] }];
        },
    ),
  );
  expect(receipts[1]).toMatchObject({
    project,
    target: 'tf-release',
    environment: 'local',
    stores: [{ store: `file:${join(workspace.root, production)}` }],
    identity: 'tester',
  });
  expect(receipts[0]?.stores[0].signedBy).not.toEqual(receipts[1]?.stores[0].signedBy);
});

test('a version that is released is success, and nothing is written', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('tf-release');
  const before = await treeOf(workspace.root);
  expect(await workspace.run('tf-release')).toMatchObject({
    success: true,
    printed: `✔ already released: ${address} 1.2.3 in file:${join(workspace.root, production)}`,
  });
  expect(await treeOf(workspace.root)).toEqual(before);
});

test('an attempt that was killed is completed, and was not visible', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('tf-stage');
  const stopped = await workspace.run('tf-release', { interruptAt: /created .*\.zip/ });
  expect(stopped).toMatchObject({ success: false, errors: '✘ interrupted by SIGINT' });
  await expect(readFile(join(workspace.root, production, index))).rejects.toThrow('ENOENT');
  expect((await workspace.run('tf-release')).printed).toContain('✔ released');
  expect(await findingsIn(workspace)).toEqual([]);
});

describe('nothing is released', () => {
  test('that is not staged', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('push-archives');
    const { success, errors } = await workspace.run('tf-release');
    expect(success).toBe(false);
    expect(errors).toBe(
      `✘ tf-staging.example.com/acme/acme 1.2.3 is not staged in file:${workspace.root}/${staging}; run \`npx nx run ${project}:tf-stage:local\` first`,
    );
    await expect(treeOf(join(workspace.root, production))).rejects.toThrow('ENOENT');
  });

  test('of which the archives are gone', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('tf-stage');
    await rm(join(workspace.root, '.release/artifacts'), { recursive: true });
    const { errors } = await workspace.run('tf-release');
    expect(errors).toContain('has no archives');
  });

  test('that is damaged in staging', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('tf-stage');
    const [zip = ''] = zipNames;
    await writeFile(join(workspace.root, staging, zip), 'damaged');
    const { success, errors } = await workspace.run('tf-release');
    expect(success).toBe(false);
    expect(errors).toMatch(/version 1\.2\.3 cannot be installed: .*; nothing was promoted/);
    await expect(treeOf(join(workspace.root, production))).rejects.toThrow('ENOENT');
  });
});

test('another version than the working tree’s is released from where it is staged', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('tf-stage');
  await workspace.write(`${provider}/package.json`, { version: '2.0.0' });
  const options = { tag: releaseTag };
  const { printed } = await workspace.release('tf-release', { options });
  expect(printed).toContain(`✔ released: ${address} 1.2.3`);
  const { errors } = await workspace.run('tf-release', {
    options: { tag: 'terraform-provider-acme-v1.2.2' },
  });
  expect(errors).toContain('has no archives; check the tag');
});

describe('a dry run', () => {
  test('of the whole chain shows what production would get, and writes nothing', async () => {
    const workspace = await providerWorkspace();
    const before = await treeOf(workspace.root);
    const { success, printed } = await workspace.releaseByNx('tf-release', {
      options: { dryRun: true },
    });
    expect(success).toBe(true);
    expect(await treeOf(workspace.root)).toEqual(before);
    await workspace.release('tf-release');
    const receipt = (await workspace.receipt('tf-release')) as {
      readonly stores: readonly [
        { readonly objects: readonly { readonly key: string; readonly sha256?: string }[] },
      ];
    };
    const { objects } = receipt.stores[0];
    for (const { key } of objects.filter((each) => !each.key.endsWith('.sig'))) {
      expect(printed).toContain(key);
    }
    for (const { key, sha256 } of objects.filter((each) => zipNames.includes(each.key))) {
      expect(printed).toContain(`create  ${key} sha256:${String(sha256)}`);
    }
  });

  test('by itself needs what is staged', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('push-archives');
    const { errors } = await workspace.run('tf-release', { options: { dryRun: true } });
    expect(errors).toContain('is not staged in');
  });
});

describe('a protected environment', () => {
  const options = { environment: 'production', binaries: 'binaries' };
  const folder = '.release/production/terraform/production';

  async function tagged(): Promise<ProviderWorkspace> {
    const workspace = await providerWorkspace();
    for (const platform of ['linux_amd64', 'darwin_arm64']) {
      await workspace.write(`binaries/${platform}/terraform-provider-acme`, 'real\n');
    }
    await workspace.git('tag', releaseTag);
    return workspace;
  }

  test('gets a tagged version from anywhere in the history, without anything of the tree', async () => {
    const workspace = await tagged();
    const env = await signingKeys();
    await workspace.release('push-archives', { options, env });
    await rm(join(workspace.root, provider, 'dist'), { recursive: true });
    await rm(join(workspace.root, 'binaries'), { recursive: true });
    await workspace.write(`${provider}/package.json`, { name: 'x', version: '2.0.0' });
    await workspace.commit();
    const byTag = { environment: 'production', tag: releaseTag };
    const { printed } = await workspace.releaseByNx('tf-release', { options: byTag, env });
    expect(printed).toContain(`✔ released: ${address} 1.2.3`);
    expect(await findingsIn(workspace, folder)).toEqual([]);
  });

  test('is released from a checkout of the tag, too, when CI has pushed the archives', async () => {
    const workspace = await tagged();
    const env = await signingKeys();
    await workspace.release('push-archives', { options, env });
    await rm(join(workspace.root, provider, 'dist'), { recursive: true });
    const plain = { environment: 'production' };
    const { printed } = await workspace.releaseByNx('tf-release', { options: plain, env });
    expect(printed).toContain(`✔ released: ${address} 1.2.3`);
  });

  test('asks for the key of production only where it signs', async () => {
    const workspace = await tagged();
    const { STAGING_KEY, PRODUCTION_KEY } = await signingKeys();
    await workspace.release('tf-stage', { options, env: { STAGING_KEY } });
    const { errors } = await workspace.run('tf-release', { options, env: { STAGING_KEY } });
    expect(errors).toContain('the variable PRODUCTION_KEY is not set');
    await expect(treeOf(join(workspace.root, folder))).rejects.toThrow('ENOENT');
    expect((await workspace.run('tf-release', { options, env: { PRODUCTION_KEY } })).errors).toBe(
      '',
    );
  });
});
