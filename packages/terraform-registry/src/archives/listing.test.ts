import { memoryStore, type ObjectStore } from '@teleport-plugins/object-store';
import { describe, expect, test } from 'vitest';

import { sha256Of } from '../sha256.js';
import { collect } from '../test/content.js';
import { parseVersion } from '../version.js';
import { listArchives, platformsOf } from './listing.js';
import { formatSidecar } from './sidecar.js';

const release = { type: 'teleport', version: parseVersion('9.1.3', 'test') };
const folder = 'teleport-plugins/tag/terraform-provider-teleport-v9.1.3';
const named = (platform: string, version = '9.1.3') =>
  `terraform-provider-teleport-v${version}-${platform}-bin.tar.gz`;

async function storeOf(...files: readonly string[]): Promise<ObjectStore> {
  const store = memoryStore('s3://artifacts');
  for (const file of files) await put(store, file, Buffer.from(`the content of ${file}`));
  return store;
}

async function put(store: ObjectStore, file: string, bytes: Uint8Array) {
  await store.put(`${folder}/${file}`, bytes, { mode: 'overwrite', contentType: 'x/y' });
}

async function withSidecars(...files: readonly string[]): Promise<ObjectStore> {
  const store = await storeOf(...files);
  for (const file of files) {
    const sha256 = sha256Of(Buffer.from(`the content of ${file}`));
    await put(store, `${file}.sha256`, formatSidecar(sha256, file));
  }
  return store;
}

describe('The archives of a release', () => {
  test('are all that lie under its tag, with their checksums, by platform', async () => {
    const files = ['windows-386', 'linux-arm64', 'darwin-amd64', 'linux-arm'].map((each) =>
      named(each),
    );
    const found = await listArchives(await withSidecars(...files), release);
    expect(platformsOf(found)).toEqual(['darwin_amd64', 'linux_arm', 'linux_arm64', 'windows_386']);
    for (const archive of found.archives) {
      const content = await collect(archive.open());
      expect(content.toString()).toBe(`the content of ${archive.file}`);
      expect(archive).toMatchObject({ size: content.length, sha256: sha256Of(content) });
    }
  });

  test('do not include what has nothing to do with them', async () => {
    const store = await withSidecars(named('linux-amd64'), 'notes.txt');
    expect(platformsOf(await listArchives(store, release))).toEqual(['linux_amd64']);
  });

  test('do not include universal programs for Macs, for which Terraform has no platform', async () => {
    const store = await withSidecars(
      ...['arm64', 'universal'].map((each) => named(`darwin-${each}`)),
    );
    expect(platformsOf(await listArchives(store, release))).toEqual(['darwin_arm64']);
    const alone = await withSidecars(named('darwin-universal'));
    await expect(listArchives(alone, release)).rejects.toMatchObject({ code: 'archives-missing' });
  });

  test.each(['terraform_provider-teleport-v9.1.3-linux-arm-bin.tar.gz', 'x-bin.tar.gz'])(
    'are invalid with an archive whose name is nearly one: %s',
    async (file) => {
      const store = await withSidecars(named('linux-amd64'), file);
      await expect(listArchives(store, release)).rejects.toMatchObject({
        code: 'archives-invalid',
        message: expect.stringContaining(file) as string,
      });
    },
  );

  test('may be more than a store lists at once', async () => {
    const store = await withSidecars(named('linux-amd64'));
    for (let number = 0; number < 2500; number += 1) await put(store, `log-${number}`, Buffer.of());
    expect((await listArchives(store, release)).archives).toHaveLength(1);
  });

  test('are missing when nothing is there, and never an empty release', async () => {
    await expect(listArchives(await storeOf('notes.txt'), release)).rejects.toMatchObject({
      code: 'archives-missing',
      message: `s3://artifacts/${folder}/: there are no archives; check the tag, or run push-archives for it first`,
    });
  });

  test.each([
    [[named('linux-amd64')], 'linux-amd64-bin.tar.gz has no terraform-provider-teleport'],
    [[`${named('linux-amd64')}.sha256`], 'is there without its archive'],
    [[named('linux-aarch64')], 'the architecture "aarch64" is not one of'],
    [[named('plan9-amd64')], 'the operating system "plan9" is not one of'],
    [[named('linux-amd64', '9.1.4')], 'is of another release than its tag'],
    [
      ['terraform-provider-other-v9.1.3-linux-amd64-bin.tar.gz'],
      'is of another release than its tag',
    ],
    [['terraform-provider-teleport-v9.1.3.tar.gz'], 'expected an archive name'],
    [[`sub/${named('linux-amd64')}`], undefined],
  ])('are invalid as %j', async (files, what) => {
    const error: unknown = await listArchives(await storeOf(...files), release).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({
      code: what === undefined ? 'archives-missing' : 'archives-invalid',
      message: expect.stringContaining(what ?? 'there are no archives') as string,
    });
  });

  test('are invalid with a checksum that is none', async () => {
    const store = await withSidecars(named('linux-amd64'));
    await put(store, `${named('linux-amd64')}.sha256`, Buffer.from('<html>'));
    await expect(listArchives(store, release)).rejects.toMatchObject({ code: 'sidecar-invalid' });
  });
});
