import { execFile } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

const own = resolve(import.meta.dirname, '..');
const workspaceRoot = resolve(own, '../..');

test('what is not installed is a failure of its own', async () => {
  const root = await temporaryDirectory();
  await cp(join(own, 'bin'), join(root, 'bin'), { recursive: true });
  const launcher = join(root, 'bin/with-secrets.cjs');
  await expect(promisify(execFile)(process.execPath, [launcher])).rejects.toMatchObject({
    code: 125,
    stderr: expect.stringMatching(
      /^with-secrets: the program cannot be loaded: Cannot find module .*\nrun `npm ci` in the workspace\n$/s,
    ) as string,
  });
});

test('what cannot be bundled is a failure of its own', async () => {
  const root = await temporaryDirectory();
  const packageRoot = join(root, 'tools/with-secrets');
  await cp(join(own, 'bin'), join(packageRoot, 'bin'), { recursive: true });
  await mkdir(join(packageRoot, 'src'));
  await writeFile(join(packageRoot, 'package.json'), '{"type":"module"}');
  await writeFile(join(packageRoot, 'src/main.ts'), 'const = 1;\n');
  await symlink(join(workspaceRoot, 'node_modules'), join(root, 'node_modules'));
  const launcher = join(packageRoot, 'bin/with-secrets.cjs');
  await expect(promisify(execFile)(process.execPath, [launcher])).rejects.toMatchObject({
    code: 125,
    stderr: expect.stringMatching(
      /^with-secrets: the program cannot be loaded: .*main\.ts:1:6/s,
    ) as string,
  });
});
