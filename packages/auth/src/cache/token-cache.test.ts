import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { keep, keptIn, key, openedCache, tokenFor, wish } from './test/tokens.js';

const password = async ({ cache }: Awaited<ReturnType<typeof openedCache>>) =>
  (await keptIn(cache))?.password.reveal();

/** The one file that a cache has. */
async function fileIn(folder: string): Promise<string> {
  const [name = '', ...others] = await readdir(folder);
  expect(others).toEqual([]);
  return join(folder, name);
}

describe('A token', () => {
  test('is found by who asks for the same registry as the same caller, in another process too', async () => {
    const first = await openedCache();
    await keep(first.cache, tokenFor(60));
    const second = await openedCache({ folder: first.folder });
    expect(await keptIn(second.cache)).toEqual(tokenFor(60));
    expect(await keptIn(second.cache, 'registry.example, as bob')).toBeUndefined();
  });

  test.each([
    [5, 'opensesame'],
    [4.999, undefined],
    [-1, undefined],
    [12 * 60, 'opensesame'],
    [25 * 60, undefined],
  ])('that has %d minutes to live is handed out: %s', async (minutes, expected) => {
    const opened = await openedCache();
    await keep(opened.cache, tokenFor(minutes));
    expect(await password(opened)).toBe(expected);
  });

  test('is kept where nobody else can look, and not in the name of its file', async () => {
    const { cache, folder } = await openedCache();
    await keep(cache, tokenFor(60));
    const file = await fileIn(folder);
    expect((await lstat(folder)).mode & 0o777).toBe(0o700);
    expect((await lstat(file)).mode & 0o777).toBe(0o600);
    expect(file).not.toContain('ann');
  });

  test('takes the place of the one before, and of what is out of use', async () => {
    const opened = await openedCache();
    await keep(opened.cache, tokenFor(60));
    await keep(opened.cache, tokenFor(60), 'registry.example, as gone');
    await writeFile(join(opened.folder, 'x.json.draft-of-a-killed-writer'), '');
    for (const name of await readdir(opened.folder)) {
      await utimes(join(opened.folder, name), 0, 0);
    }
    await keep(opened.cache, tokenFor(60, 'second'));
    expect(await password(opened)).toBe('second');
    await fileIn(opened.folder);
  });

  test('is found no longer once it is removed, or all are', async () => {
    const { cache, folder } = await openedCache();
    const names = ['a', 'b', 'c'];
    for (const name of names) await keep(cache, tokenFor(60), name);
    await cache.remove('a');
    expect(await Promise.all(names.map((name) => keptIn(cache, name)))).toEqual([
      undefined,
      tokenFor(60),
      tokenFor(60),
    ]);
    expect(await cache.clear()).toBe(2);
    expect(await cache.clear()).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('What is in the file of a token is ignored', () => {
  test.each([
    ['nothing', ''],
    ['no JSON', '{"schemaVersion":1,'],
    ['no object', 'null'],
    ['a list', '[1]'],
    ['another version', JSON.stringify({ ...content(), schemaVersion: 2 })],
    ['the token for another key', JSON.stringify({ ...content(), key: 'other' })],
    ['no password', JSON.stringify({ ...content(), password: undefined })],
    ['an empty password', JSON.stringify({ ...content(), password: '' })],
    ['a password of two lines', JSON.stringify({ ...content(), password: 'a\nAuthorization: x' })],
    ['a user name that is no text', JSON.stringify({ ...content(), username: ['AWS'] })],
    ['no date', JSON.stringify({ ...content(), expiresAt: 'tomorrow' })],
    ['a date in another form', JSON.stringify({ ...content(), expiresAt: 4102444800000 })],
    ['far too much', JSON.stringify({ ...content(), password: 'x'.repeat(100_000) })],
  ])('when it is %s; the next token replaces it', async (_what, text) => {
    const opened = await openedCache();
    await keep(opened.cache, tokenFor(60));
    await writeFile(await fileIn(opened.folder), text);
    expect(await keptIn(opened.cache)).toBeUndefined();
    await keep(opened.cache, tokenFor(60, 'next'));
    expect(await password(opened)).toBe('next');
    expect(opened.problems).toEqual([]);
  });

  test('whatever it is', async () => {
    const opened = await openedCache();
    await keep(opened.cache, tokenFor(60));
    const file = await fileIn(opened.folder);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        await writeFile(file, text);
        expect(await keptIn(opened.cache)).toBeUndefined();
      }),
    );
  });

  function content() {
    return {
      schemaVersion: 1,
      key,
      username: 'AWS',
      password: 'x',
      expiresAt: tokenFor(60).expiresAt,
    };
  }
});

describe('A file is removed unread', () => {
  const removed: [string, (file: string) => Promise<unknown>][] = [
    ['that others can read', (file) => chmod(file, 0o644)],
    ['that a group can write', (file) => chmod(file, 0o620)],
    ['that is a link to another', linked],
    ['that has a second name', (file) => link(file, `${dirname(file)}-second`)],
  ];

  test.each(removed)('%s', async (_which, spoil) => {
    const opened = await openedCache();
    await keep(opened.cache, tokenFor(60));
    const file = await fileIn(opened.folder);
    await spoil(file);
    expect(await keptIn(opened.cache)).toBeUndefined();
    expect(await readdir(opened.folder)).toEqual([]);
    expect(opened.problems).toEqual([]);
  });

  test('of another user', async () => {
    const { folder, cache } = await openedCache();
    await keep(cache, tokenFor(60));
    const file = await fileIn(folder);
    if (process.getuid?.() === 0) await chown(file, 65534, 65534);
    const userId = process.getuid?.() === 0 ? 0 : Number(process.getuid?.()) + 1;
    const opened = await openedCache({ folder, userId });
    expect(await keptIn(opened.cache)).toBeUndefined();
  });

  /** To a file that is as it should be. */
  async function linked(file: string): Promise<void> {
    const elsewhere = `${dirname(file)}-elsewhere`;
    await rename(file, elsewhere);
    await symlink(elsewhere, file);
  }
});

describe('A folder', () => {
  test('that others can look into is closed to them', async () => {
    const { cache, folder, problems } = await openedCache();
    await mkdir(folder, { mode: 0o755 });
    await keep(cache, tokenFor(60));
    expect((await lstat(folder)).mode & 0o777).toBe(0o700);
    expect(problems).toEqual([]);
  });

  test.each<[string, (folder: string) => Promise<unknown>, string]>([
    ['that is a link', linkedFolder, 'it is a symbolic link'],
    ['that is a file', (folder) => writeFile(folder, ''), 'it is not a folder'],
  ])('%s is not used, and that is said once', async (_which, spoil, why) => {
    const { cache, folder, problems } = await openedCache();
    await spoil(folder);
    await keep(cache, tokenFor(60));
    expect(await keptIn(cache)).toBeUndefined();
    expect(await cache.clear()).toBe(0);
    expect(problems).toEqual([`${folder}: no tokens are kept, ${why}`]);
  });

  test('of another user is not used', async () => {
    const userId = Number(process.getuid?.()) + 1;
    const { cache, folder, problems } = await openedCache({ userId });
    await keep(cache, tokenFor(60));
    expect(await readdir(folder)).toEqual([]);
    expect(problems).toEqual([`${folder}: no tokens are kept, it belongs to another user`]);
  });

  test('that cannot be made is done without', async () => {
    const parent = join(await temporaryDirectory(), 'file');
    await writeFile(parent, '');
    const folder = join(parent, 'teleport-release');
    const { cache, problems } = await openedCache({ folder });
    await keep(cache, tokenFor(60));
    expect(problems).toEqual([`${folder}: no tokens are kept, it cannot be used (EEXIST)`]);
  });

  test('that is gone meanwhile does not fail the work', async () => {
    const { cache, folder, problems } = await openedCache();
    await keep(cache, tokenFor(60));
    await rm(folder, { recursive: true });
    expect(
      await cache.get(
        key,
        wish(() => Promise.resolve(tokenFor(1))),
      ),
    ).toEqual(tokenFor(1));
    expect(problems).toHaveLength(1);
  });

  async function linkedFolder(folder: string): Promise<void> {
    await mkdir(`${folder}-elsewhere`, { mode: 0o700 });
    await symlink(`${folder}-elsewhere`, folder);
  }
});

test('The password is in its file, and shows nowhere else', async () => {
  const { cache, folder } = await openedCache();
  await keep(cache, tokenFor(60));
  expect(JSON.stringify(await keptIn(cache))).not.toContain('opensesame');
  expect(await readFile(await fileIn(folder), 'utf8')).toContain('opensesame');
});
