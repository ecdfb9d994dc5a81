import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { directoryStore } from '@teleport-plugins/object-store';
import { h1OfArchive, listArchives, parseVersion } from '@teleport-plugins/terraform-registry';
import { temporaryDirectory } from '@teleport-plugins/testing';
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

const archives = `${provider}/dist/archives/${releaseTag}`;

/** The archives in `dist`, as packages/terraform-registry reads them. */
const listed = ({ root }: ProviderWorkspace) =>
  listArchives(
    directoryStore(join(root, provider, 'dist')),
    { type: 'acme', version: parseVersion('1.2.3', 'test') },
    { folder: 'archives' },
  );

const untarred = (workspace: ProviderWorkspace, file: string, ...options: readonly string[]) =>
  execFileSync('tar', ['-xzf', join(workspace.root, archives, file), '-O', ...options], {
    encoding: 'utf8',
  });

test('packs a sample for each platform, with its checksum beside it', async () => {
  const workspace = await providerWorkspace();
  const { success, printed } = await workspace.run('build-archives');
  expect(success).toBe(true);
  expect(printed).toMatch(/^terraform-provider-acme 1\.2\.3: archives$/m);
  expect(printed).toMatch(/pack +terraform-provider-acme for linux_amd64, a sample +\d+ B/);
  expect(printed).toMatch(/✔ 2 archives, \d+ B, in \d+\.\d s$/);
  const names = archiveNames.flatMap((name) => [name, `${name}.sha256`]);
  expect((await readdir(join(workspace.root, archives))).sort()).toEqual(names);
  for (const name of archiveNames) {
    const bytes = await readFile(join(workspace.root, archives, name));
    expect(await workspace.text(`${archives}/${name}.sha256`)).toBe(
      `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`,
    );
  }
});

test('a sample says that it is none, to who reads and who runs it', async () => {
  const workspace = await providerWorkspace();
  await workspace.run('build-archives');
  const [darwin = '', linux = ''] = archiveNames;
  const text = untarred(workspace, linux, 'terraform-provider-acme');
  expect(text).toContain(
    'This is a sample, and no Terraform provider: it stands for acme/acme 1.2.3 on linux_amd64',
  );
  const program = join(await temporaryDirectory(), 'program');
  await writeFile(program, text);
  await chmod(program, 0o755);
  expect(() => execFileSync(program, { stdio: 'pipe' })).toThrow('This is a sample');
  expect(untarred(workspace, darwin)).toContain('on darwin_arm64');
});

test('a sample for Windows is text too', async () => {
  const workspace = await providerWorkspace();
  await declare(workspace, ['windows_amd64']);
  await workspace.run('build-archives');
  const file = `${releaseTag}-windows-amd64-bin.tar.gz`;
  expect(untarred(workspace, file, 'terraform-provider-acme.exe')).toMatch(
    /^@echo off\r\necho This is a sample/,
  );
});

test('what is packed is what a Terraform registry accepts', async () => {
  const workspace = await providerWorkspace();
  await workspace.run('build-archives');
  const found = await listed(workspace);
  expect(found.archives.map(({ file }) => file)).toEqual(archiveNames);
  for (const archive of found.archives) {
    const { name, sha256 } = archive;
    expect(await h1OfArchive({ name, sha256, content: archive.open() })).toMatch(/^h1:/);
  }
});

test('the same programs give the same bytes, whenever and wherever', async () => {
  const contents = await Promise.all(
    [new Date(0), new Date()].map(async (time) => {
      const workspace = await withBinaries(time);
      const { success } = await workspace.run('build-archives', {
        options: { binaries: 'binaries' },
      });
      expect(success).toBe(true);
      const [name = ''] = archiveNames;
      return readFile(join(workspace.root, archives, name), 'base64');
    }),
  );
  expect(contents[0]).toBe(contents[1]);
});

describe('a folder of programs', () => {
  const options = { binaries: 'binaries' };

  test('is packed instead of samples, as they can be run', async () => {
    const workspace = await withBinaries();
    const { printed } = await workspace.run('build-archives', { options });
    expect(printed).toMatch(/terraform-provider-acme for darwin_arm64, from binaries +\d+ B/);
    expect(untarred(workspace, archiveNames[1] ?? '')).toBe('a program for linux_amd64\n');
    const [name = ''] = archiveNames;
    const listing = execFileSync('tar', ['-tvzf', join(workspace.root, archives, name)], {
      encoding: 'utf8',
    });
    expect(listing).toMatch(/^-rwxr-xr-x 0\/0 .* terraform-provider-acme\n$/);
  });

  test.each<[string, (workspace: ProviderWorkspace) => Promise<unknown>, string]>([
    [
      'of a platform that is not declared',
      ({ write }) => write('binaries/linux_arm64/terraform-provider-acme', 'x'),
      'binaries has linux_arm64, and packages/plugins/provider/release.json declares linux_amd64, darwin_arm64; make them agree',
    ],
    [
      'without one that is declared',
      (workspace) => declare(workspace, ['linux_amd64', 'darwin_arm64', 'linux_arm']),
      'binaries/linux_arm/terraform-provider-acme cannot be read: ENOENT',
    ],
    [
      'with one that is empty',
      ({ write }) => write('binaries/linux_amd64/terraform-provider-acme', ''),
      'binaries/linux_amd64/terraform-provider-acme is empty',
    ],
    [
      'with one of macOS for Linux',
      ({ root }) =>
        writeFile(
          join(root, 'binaries/linux_amd64/terraform-provider-acme'),
          Buffer.from('cffaedfe0c000001', 'hex'),
        ),
      'binaries/linux_amd64/terraform-provider-acme is a program for darwin_arm64; put',
    ],
    ['that is none', ({ root }) => mkdir(join(root, 'other')), 'nowhere cannot be read: ENOENT'],
  ])('%s is refused, and what was packed before stays', async (what, spoil, message) => {
    const workspace = await withBinaries();
    await workspace.run('build-archives', { options });
    const before = await treeOf(join(workspace.root, provider, 'dist'));
    await spoil(workspace);
    const { success, errors } = await workspace.run('build-archives', {
      options: what === 'that is none' ? { binaries: 'nowhere' } : options,
    });
    expect(success).toBe(false);
    expect(errors).toContain(`✘ --binaries: ${message}`);
    expect(await treeOf(join(workspace.root, provider, 'dist'))).toEqual(before);
  });
});

test('nothing of an earlier build is left in dist', async () => {
  const workspace = await providerWorkspace();
  await workspace.run('build-archives');
  await declare(workspace, ['linux_amd64']);
  await workspace.run('build-archives');
  expect((await listed(workspace)).archives).toHaveLength(1);
});

test('a dry run says what would be packed, and writes nothing', async () => {
  const workspace = await providerWorkspace();
  const before = await treeOf(workspace.root);
  const { printed } = await workspace.run('build-archives', { options: { dryRun: true } });
  expect(await treeOf(workspace.root)).toEqual(before);
  const [, would] = /✔ dry run: would be (.*)$/.exec(printed) ?? [];
  expect((await workspace.run('build-archives')).printed).toContain(`✔ ${String(would)}, in`);
});

test('another version than the working tree’s is not packed', async () => {
  const workspace = await providerWorkspace();
  const options = { tag: 'terraform-provider-acme-v1.2.2' };
  expect(await workspace.run('build-archives', { options })).toMatchObject({
    success: true,
    printed: `✔ ${project} 1.2.2: nothing to build, the working tree is 1.2.3`,
  });
  await expect(readdir(join(workspace.root, provider, 'dist'))).rejects.toThrow('ENOENT');
});

describe('a protected environment', () => {
  test('gets no samples', async () => {
    const workspace = await providerWorkspace();
    const options = { environment: 'production' };
    expect(await workspace.run('build-archives', { options })).toMatchObject({
      success: true,
      printed: `✔ ${project} 1.2.3: nothing to build, because the environment production is protected and takes no samples; name a folder of programs with --binaries to pack those`,
    });
    await expect(readdir(join(workspace.root, provider, 'dist'))).rejects.toThrow('ENOENT');
  });

  test('gets the programs of a folder', async () => {
    const workspace = await withBinaries();
    const options = { environment: 'production', binaries: 'binaries' };
    expect((await workspace.run('build-archives', { options })).success).toBe(true);
    expect((await listed(workspace)).archives).toHaveLength(2);
  });
});

test('a plugin of another kind is told which targets it has', async () => {
  const workspace = await providerWorkspace();
  await workspace.write(`${provider}/release.json`, {
    kind: 'image',
    releaseTagPrefix: 'acme',
    image: {
      repository: 'acme',
      title: 'Acme',
      description: 'Acme',
      platforms: ['linux/amd64'],
      user: '1:1',
    },
  });
  const { success, errors } = await workspace.run('build-archives');
  expect(success).toBe(false);
  expect(errors).toBe(
    `✘ ${project} is of the kind "image", and build-archives is a target of the kind "terraform-provider"; correct "kind" in ${provider}/release.json, or run a target that \`npx nx show project ${project}\` has`,
  );
});

async function withBinaries(time = new Date()): Promise<ProviderWorkspace> {
  const workspace = await providerWorkspace();
  for (const platform of ['linux_amd64', 'darwin_arm64']) {
    const file = join(workspace.root, 'binaries', platform, 'terraform-provider-acme');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `a program for ${platform}\n`);
    await utimes(file, time, time);
  }
  return workspace;
}

async function declare(
  { read, write }: ProviderWorkspace,
  platforms: readonly string[],
): Promise<void> {
  const file = `${provider}/release.json`;
  const manifest = (await read(file)) as { readonly provider: object };
  await write(file, { ...manifest, provider: { ...manifest.provider, platforms } });
}
