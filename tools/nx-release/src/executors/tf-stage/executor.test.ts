import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
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
import { keyService } from '../../test/key-service.js';
import { lockedKey, signingKeys } from '../../test/signing-keys.js';
import { treeOf } from '../../test/tree.js';

const store = '.release/terraform/staging';
const address = 'tf-staging.example.com/acme/acme';
const index = 'registry/acme/acme/versions';

/** What a client would refuse. */
const findingsIn = ({ root }: ProviderWorkspace, folder = store) =>
  verifyRegistry(
    storeReader(directoryStore(join(root, folder))),
    { namespace: 'acme', type: 'acme' },
    { at: new Date() },
  );

test('publishes the archives of the tag, lists the version last, and writes a receipt', async () => {
  const workspace = await providerWorkspace();
  const { printed } = await workspace.release('tf-stage');
  expect(printed).toContain(
    `✔ staged: ${address} 1.2.3 in file:${join(workspace.root, store)} (darwin_arm64, linux_amd64)`,
  );
  expect(printed).toMatch(new RegExp(`created ${index}\\n`));
  expect(await findingsIn(workspace)).toEqual([]);
  expect(await workspace.receipt('tf-stage')).toMatchObject({
    project,
    target: 'tf-stage',
    version: '1.2.3',
    environment: 'local',
    images: [],
    stores: [
      {
        store: `file:${join(workspace.root, store)}`,
        objects: expect.arrayContaining([
          ...zipNames.map((key) => ({
            key,
            sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
            size: expect.any(Number) as unknown,
            result: 'created',
          })),
          { key: index, result: 'created' },
        ]) as unknown,
        signedBy: [expect.stringMatching(/^[0-9A-F]{16}$/)],
      },
    ],
    identity: 'tester',
  });
});

test('the throwaway key is made once, and only its owner may read it', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('tf-stage');
  const file = join(workspace.root, '.release/keys/local-staging.asc');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const key = await readFile(file, 'utf8');
  expect(key).toContain('BEGIN PGP PRIVATE KEY BLOCK');
  await rm(join(workspace.root, store), { recursive: true });
  await workspace.release('tf-stage');
  expect(await readFile(file, 'utf8')).toBe(key);
  expect(await readdir(join(file, '..'))).toEqual(['local-staging.asc']);
});

describe('a version that is staged', () => {
  test('of the same archives is success, and nothing is written', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('tf-stage');
    const before = await treeOf(workspace.root);
    expect(await workspace.run('tf-stage')).toMatchObject({
      success: true,
      printed: `✔ already staged: ${address} 1.2.3 in file:${join(workspace.root, store)}`,
    });
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('of other archives is refused, and nothing is written', async () => {
    const workspace = await withBinaries('first\n');
    const options = { binaries: 'binaries' };
    await workspace.release('tf-stage', { options });
    await rm(join(workspace.root, '.release/artifacts'), { recursive: true });
    await writeBinaries(workspace, 'second\n');
    await workspace.release('push-archives', { options });
    const before = await treeOf(join(workspace.root, store));
    const { success, errors } = await workspace.run('tf-stage', { options });
    expect(success).toBe(false);
    expect(errors).toMatch(
      /version 1\.2\.3 was made of an archive for darwin_arm64 with the sha256 [0-9a-f]{64}, and .* has one with [0-9a-f]{64}; what is published never changes/,
    );
    expect(await treeOf(join(workspace.root, store))).toEqual(before);
  });

  test('gets platforms when that is asked for', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('tf-stage');
    await declare(workspace, ['linux_amd64', 'darwin_arm64', 'windows_amd64']);
    await workspace.release('push-archives');
    expect((await workspace.run('tf-stage')).errors).toContain(
      'is published without windows_amd64',
    );
    const options = { addPlatforms: true };
    const { printed } = await workspace.run('tf-stage', { options });
    expect(printed).toContain('(darwin_arm64, linux_amd64, windows_amd64)');
    expect(await findingsIn(workspace)).toEqual([]);
  });
});

test('an attempt that was killed is completed, and was not visible', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('push-archives');
  const stopped = await workspace.run('tf-stage', { interruptAt: /created .*\.zip/ });
  expect(stopped).toMatchObject({ success: false, errors: '✘ interrupted by SIGINT' });
  await expect(readFile(join(workspace.root, store, index))).rejects.toThrow('ENOENT');
  expect((await workspace.run('tf-stage')).printed).toContain('✔ staged');
  expect(await findingsIn(workspace)).toEqual([]);
});

test('two at once stage one version', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('push-archives');
  const both = await Promise.all([workspace.run('tf-stage'), workspace.run('tf-stage')]);
  expect(both.map(({ errors }) => errors)).toEqual(['', '']);
  expect(await findingsIn(workspace)).toEqual([]);
});

describe('archives that are not all there', () => {
  test('because nothing was pushed, are told with what to run', async () => {
    const workspace = await providerWorkspace();
    const { success, errors } = await workspace.run('tf-stage');
    expect(success).toBe(false);
    expect(errors).toBe(
      `✘ file:${workspace.root}/.release/artifacts/teleport-plugins/tag/${releaseTag} has no archives; run \`npx nx run ${project}:push-archives:local\` first`,
    );
    await expect(treeOf(join(workspace.root, '.release'))).rejects.toThrow('ENOENT');
  });

  test('because one is damaged, are told, and nothing is visible', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('push-archives');
    const folder = join(workspace.root, '.release/artifacts/teleport-plugins/tag', releaseTag);
    const [name = ''] = (await readdir(folder)).filter((each) => each.endsWith('.gz'));
    const bytes = await readFile(join(folder, name));
    bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
    await writeFile(join(folder, name), bytes);
    const { success, errors } = await workspace.run('tf-stage');
    expect(success).toBe(false);
    expect(errors).toContain(`file:${folder}/${name}: `);
    await expect(treeOf(join(workspace.root, store))).rejects.toThrow('ENOENT');
  });
});

describe('another version than the working tree’s', () => {
  test('is staged from the archives of its tag, with the protocols that it had', async () => {
    const workspace = await providerWorkspace();
    await workspace.git('tag', releaseTag);
    await workspace.release('push-archives');
    await workspace.write(`${provider}/package.json`, { version: '2.0.0' });
    await declare(workspace, ['linux_amd64'], ['5.0']);
    await workspace.commit();
    const options = { tag: releaseTag };
    const { printed } = await workspace.release('tf-stage', { options });
    expect(printed).toContain(`✔ staged: ${address} 1.2.3`);
    const versions = await workspace.text(`${store}/${index}`);
    expect(JSON.parse(versions)).toMatchObject({
      versions: [{ version: '1.2.3', protocols: ['6.0'] }],
    });
  });

  test('that was not pushed is refused', async () => {
    const workspace = await providerWorkspace();
    const options = { tag: 'terraform-provider-acme-v1.2.2' };
    const { errors } = await workspace.run('tf-stage', { options });
    expect(errors).toContain(
      'has no archives; check the tag; if it is right, check out terraform-provider-acme-v1.2.2 (the working tree is 1.2.3)',
    );
  });
});

describe('a dry run', () => {
  test('of the whole chain shows each object as it is then written, and writes nothing', async () => {
    const workspace = await providerWorkspace();
    // What it is signed with is there, so that even the signature is known.
    await workspace.release('tf-stage');
    await rm(join(workspace.root, store), { recursive: true });
    await rm(join(workspace.root, '.release/artifacts'), { recursive: true });
    await rm(join(workspace.root, 'dist'), { recursive: true });
    await rm(join(workspace.root, provider, 'dist'), { recursive: true });
    const before = await treeOf(workspace.root);
    const { printed } = await workspace.releaseByNx('tf-stage', { options: { dryRun: true } });
    expect(await treeOf(workspace.root)).toEqual(before);
    expect(printed).toContain('✔ dry run: nothing is written');
    await workspace.release('tf-stage');
    for (const { key, sha256 } of await objectsOf(workspace, 'tf-stage')) {
      if (sha256 === undefined) expect(printed).toMatch(new RegExp(`create +${key}, merged`));
      else expect(printed).toContain(`${key} sha256:${sha256}`);
    }
  });

  test('by itself needs the archives', async () => {
    const workspace = await providerWorkspace();
    const { errors } = await workspace.run('tf-stage', { options: { dryRun: true } });
    expect(errors).toContain('has no archives; run');
  });
});

describe('a protected environment', () => {
  const production = { environment: 'production', binaries: 'binaries' };
  const folder = '.release/production/terraform/staging';

  test('signs with the key of its variable, which is nowhere to be seen', async () => {
    const workspace = await withBinaries('real\n');
    await workspace.git('tag', releaseTag);
    const env = await signingKeys();
    const { printed } = await workspace.release('tf-stage', { options: production, env });
    expect(printed).toContain(`✔ staged: ${address} 1.2.3`);
    expect(await findingsIn(workspace, folder)).toEqual([]);
    // Behind what is public of it.
    const secret = env.STAGING_KEY.split('\n')[12] ?? '';
    expect(secret.length).toBeGreaterThan(40);
    for (const content of Object.values(await treeOf(workspace.root))) {
      const text = Buffer.from(content.split(' ')[1] ?? '', 'base64').toString('latin1');
      expect(text).not.toContain(secret);
    }
    expect(printed).not.toContain(secret);
  });

  test('signs as of the commit of the tag, so that the bytes are the same elsewhere', async () => {
    const env = await signingKeys();
    const signatures = [];
    for (let machine = 0; machine < 2; machine += 1) {
      const workspace = await withBinaries('real\n');
      await workspace.git('tag', releaseTag);
      await workspace.release('tf-stage', { options: production, env });
      const files = await readdir(join(workspace.root, folder, 'store/acme/acme/1.2.3'));
      const name = files.find((each) => each.endsWith('.sig')) ?? '';
      const path = join(workspace.root, folder, 'store/acme/acme/1.2.3', name);
      signatures.push(await readFile(path, 'base64'));
    }
    expect(signatures[0]).toBe(signatures[1]);
  });

  test.each([
    [
      'that is not set',
      {},
      'production signs in the Terraform registry of staging with a key that is not there: the variable STAGING_KEY is not set; provide it as environments.production.terraform.staging.signingKeys of release.config.json says',
    ],
    ['that holds something else', { STAGING_KEY: 'hunter2' }, 'STAGING_KEY: holds no ASCII armor'],
  ])('refuses a key %s, without showing it', async (_what, env, message) => {
    const workspace = await withBinaries('real\n');
    await workspace.git('tag', releaseTag);
    await workspace.release('push-archives', { options: production });
    const { success, errors } = await workspace.run('tf-stage', { options: production, env });
    expect(success).toBe(false);
    expect(errors).toContain(message);
    expect(errors).not.toContain('hunter2');
  });

  test('names the variable of the passphrase that a locked key needs, or where to name one', async () => {
    const workspace = await withBinaries('real\n');
    await workspace.git('tag', releaseTag);
    await workspace.release('push-archives', { options: production });
    const STAGING_KEY = await lockedKey();
    const failure = async (env: object) =>
      (await workspace.run('tf-stage', { options: production, env: { STAGING_KEY, ...env } }))
        .errors;
    const act = 'set STAGING_PASSPHRASE to the passphrase of this key';
    expect(await failure({})).toContain(
      `STAGING_KEY: the key is locked by a passphrase, and none is given; ${act}`,
    );
    expect(await failure({ STAGING_PASSPHRASE: 'hunter2' })).toContain(
      `STAGING_KEY: the key does not open with the passphrase that is given; ${act}`,
    );
    const place = (name: string, variable: string) => ({
      host: `${name}.example.com`,
      store: `file:.release/production/terraform/${name}`,
      signingKeys: [{ variable }],
    });
    const terraform = {
      staging: place('tf-staging', 'STAGING_KEY'),
      production: place('tf', 'PRODUCTION_KEY'),
    };
    await workspace.configure({ local: {}, production: { terraform } });
    expect(await failure({})).toContain(
      'none is given; name the variable that has its passphrase, as "passphraseVariable" of this key in environments.production.terraform.staging.signingKeys of release.config.json',
    );
  });

  describe('with a key that a program signs for', () => {
    async function pushed(change: (key: Awaited<ReturnType<typeof keyService>>) => object) {
      const workspace = await withBinaries('real\n');
      const place = (name: string, key: object) => ({
        host: `${name}.example.com`,
        store: `file:.release/production/terraform/${name}`,
        signingKeys: [key],
      });
      const terraform = {
        staging: place('tf-staging', change(await keyService(workspace))),
        production: place('tf', { variable: 'PRODUCTION_KEY' }),
      };
      await workspace.configure({ local: {}, production: { terraform } });
      await workspace.commit();
      await workspace.git('tag', releaseTag);
      await workspace.release('push-archives', { options: production });
      return workspace;
    }

    test('publishes what clients accept, the same each time', async () => {
      const workspace = await pushed((key) => key);
      const { success, printed } = await workspace.run('tf-stage', { options: production });
      expect(printed).toMatch(/^✔ staged: /m);
      expect(success).toBe(true);
      const folder = join(workspace.root, '.release/production/terraform/tf-staging');
      const signature = async () => {
        const files = await readdir(folder, { recursive: true });
        return readFile(join(folder, files.find((each) => each.endsWith('.sig')) ?? ''), 'base64');
      };
      const before = await signature();
      await rm(folder, { recursive: true });
      await workspace.run('tf-stage', { options: production });
      expect(await signature()).toBe(before);
      const verified = { environment: 'production', registry: 'staging' };
      expect((await workspace.run('tf-verify', { options: verified })).printed).toContain(
        'clients refuse nothing',
      );
    });

    test.each([
      ['is not there', { program: ['no-such-signer'] }, 'no-such-signer is not installed'],
      [
        'fails',
        { program: ['sh', '-c', 'echo no access >&2; exit 1'] },
        '(exit code 1): no access',
      ],
      [
        'signs nothing',
        { program: ['true'] },
        'keys/staging.asc: the service answered with 0 bytes',
      ],
      ['has no public key', { publicKey: 'keys/none.asc' }, 'keys/none.asc cannot be read: ENOENT'],
    ])('says when that %s, and publishes nothing', async (_, change, message) => {
      const workspace = await pushed((key) => ({ ...key, ...change }));
      const { success, errors } = await workspace.run('tf-stage', { options: production });
      expect(success).toBe(false);
      expect(errors).toContain(message);
    });
  });

  test('refuses samples, whoever put them into the store', async () => {
    const workspace = await providerWorkspace();
    await workspace.release('push-archives');
    await workspace.git('tag', releaseTag);
    const env = {
      ...(await signingKeys()),
      RELEASE_ARTIFACTS_URL: `file:${workspace.root}/.release/artifacts`,
    };
    const { success, errors } = await workspace.run('tf-stage', {
      options: { environment: 'production' },
      env,
    });
    expect(success).toBe(false);
    expect(errors).toContain(
      'has sample executables (terraform-provider-acme-v1.2.3-darwin-arm64-bin.tar.gz, terraform-provider-acme-v1.2.3-linux-amd64-bin.tar.gz), which production refuses because it is protected',
    );
  });

  test('refuses a checkout without the tag', async () => {
    const workspace = await withBinaries('real\n');
    const options = { ...production, allowUntagged: true };
    const env = await signingKeys();
    await workspace.release('push-archives', { options, env });
    const { errors } = await workspace.run('tf-stage', { options: production, env });
    expect(errors).toContain('--allow-untagged');
    await expect(treeOf(join(workspace.root, folder))).rejects.toThrow('ENOENT');
    expect((await workspace.run('tf-stage', { options, env })).success).toBe(true);
    expect(await workspace.receipt('tf-stage')).toMatchObject({ allowed: ['allow-untagged'] });
  });
});

test('an environment without Terraform registries says what to set', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('push-archives');
  await workspace.configure({ local: { terraform: undefined }, production: {} });
  const { errors } = await workspace.run('tf-stage');
  expect(errors).toContain(
    'the environment local of release.config.json has no store for the Terraform registry of staging: set "terraform" there',
  );
});

async function objectsOf(workspace: ProviderWorkspace, target: 'tf-stage') {
  const receipt = (await workspace.receipt(target)) as {
    readonly stores: readonly [
      { readonly objects: readonly { readonly key: string; readonly sha256?: string }[] },
    ];
  };
  return receipt.stores[0].objects;
}

async function withBinaries(content: string): Promise<ProviderWorkspace> {
  const workspace = await providerWorkspace();
  await writeBinaries(workspace, content);
  return workspace;
}

async function writeBinaries({ write }: ProviderWorkspace, content: string): Promise<void> {
  for (const platform of ['linux_amd64', 'darwin_arm64']) {
    await write(`binaries/${platform}/terraform-provider-acme`, content);
  }
}

async function declare(
  { read, write }: ProviderWorkspace,
  platforms: readonly string[],
  protocols: readonly string[] = ['6.0'],
): Promise<void> {
  const file = `${provider}/release.json`;
  const manifest = (await read(file)) as { readonly provider: object };
  await write(file, { ...manifest, provider: { ...manifest.provider, platforms, protocols } });
}
