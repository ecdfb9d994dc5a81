import { writeFileSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { editConfigFile } from './config-file.js';

const upperCase = (text: string) => text.toUpperCase();

describe('A file that is changed', () => {
  test.each([0o600, 0o644, 0o640])('keeps its permissions (%o)', async (mode) => {
    const path = join(await temporaryDirectory(), 'config.json');
    await writeFile(path, 'a');
    await chmod(path, mode);
    await editConfigFile(path, upperCase);
    expect(await readFile(path, 'utf8')).toBe('A');
    expect((await stat(path)).mode & 0o777).toBe(mode);
  });

  test('stays behind a symbolic link, and the link stays', async () => {
    const folder = await temporaryDirectory();
    await mkdir(join(folder, 'dotfiles'));
    await writeFile(join(folder, 'dotfiles/docker.json'), 'a');
    await symlink('dotfiles/docker.json', join(folder, 'config.json'));
    await editConfigFile(join(folder, 'config.json'), upperCase);
    expect(await readlink(join(folder, 'config.json'))).toBe('dotfiles/docker.json');
    expect(await readFile(join(folder, 'dotfiles/docker.json'), 'utf8')).toBe('A');
    expect(await readdir(folder)).toEqual(['config.json', 'dotfiles']);
  });

  test('is made where a symbolic link leads to nothing', async () => {
    const folder = await temporaryDirectory();
    await symlink('dotfiles/docker.json', join(folder, 'config.json'));
    await editConfigFile(join(folder, 'config.json'), () => 'made');
    expect(await readFile(join(folder, 'dotfiles/docker.json'), 'utf8')).toBe('made');
  });

  test('is made for this user alone, with its folder', async () => {
    const folder = join(await temporaryDirectory(), '.docker');
    await editConfigFile(join(folder, 'config.json'), () => 'made');
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'config.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['config.json']);
  });

  test('is not touched when there is nothing to change', async () => {
    const path = join(await temporaryDirectory(), 'config.json');
    await writeFile(path, 'A');
    const { ino, mtimeMs } = await lstat(path);
    await editConfigFile(path, upperCase);
    expect(await lstat(path)).toMatchObject({ ino, mtimeMs });
    await editConfigFile(`${path}-missing`, upperCase);
    await expect(lstat(`${path}-missing`)).rejects.toThrow('ENOENT');
  });

  test('by another program at the same time is changed again', async () => {
    const path = join(await temporaryDirectory(), 'config.json');
    await writeFile(path, 'a');
    let others = 2;
    await editConfigFile(path, (text) => {
      // Between reading and writing, as docker does.
      if (others > 0) writeFileSync(path, `another ${(others -= 1)}`);
      return text.toUpperCase();
    });
    expect(await readFile(path, 'utf8')).toBe('ANOTHER 0');
  });

  test('back by another program each time is given up, and said', async () => {
    const path = join(await temporaryDirectory(), 'config.json');
    let turn = 0;
    await expect(editConfigFile(path, () => String((turn += 1)))).rejects.toMatchObject({
      code: 'config-unwritable',
      message: `${path}: another program undoes each change; end it, and try again`,
    });
  });

  test('where it cannot be is named', async () => {
    const folder = await temporaryDirectory();
    await writeFile(join(folder, 'file'), '');
    const path = join(folder, 'file/config.json');
    await expect(editConfigFile(path, () => 'made')).rejects.toMatchObject({
      code: 'config-unwritable',
      message: `${path}: it cannot be written (EEXIST); let this user write the file and its folder, and try again`,
    });
    await mkdir(join(folder, 'config.json'));
    await expect(editConfigFile(join(folder, 'config.json'), upperCase)).rejects.toMatchObject({
      code: 'config-unreadable',
      message: `${join(folder, 'config.json')}: it cannot be read (EISDIR); let this user read it`,
    });
  });
});
