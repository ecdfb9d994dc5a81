import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import type { DockerCredentialsOptions } from './credentials.js';
import { configured, plain } from './test/configured.js';
import { pathWith, writeHelper } from './test/helpers.js';

/** Credentials with the script as the only helper. */
async function withScript(script: string, options: Partial<DockerCredentialsOptions> = {}) {
  const folder = await temporaryDirectory();
  await writeHelper(folder, 'x', script);
  const variables = { PATH: pathWith(folder), FOLDER: folder };
  return { folder, credentials: await configured({ credsStore: 'x' }, { variables, ...options }) };
}

test('a helper gets one argument, the registry on its input, and the environment', async () => {
  const { folder, credentials } = await withScript(`
    echo "$# $1" > "$FOLDER/arguments"
    cat > "$FOLDER/input"
    echo noise >&2
    echo '{"ServerURL":"quay.io","Username":"ann","Secret":"pw"}'`);
  expect(plain(await credentials('quay.io'))).toBe('ann:pw');
  expect(await readFile(join(folder, 'arguments'), 'utf8')).toBe('1 get\n');
  expect(await readFile(join(folder, 'input'), 'utf8')).toBe('quay.io');
});

test('a helper need not read its input', async () => {
  const { credentials } = await withScript(`echo '{"Username":"ann","Secret":"pw"}'`);
  expect(plain(await credentials('quay.io'))).toBe('ann:pw');
});

test('a helper without a credential says so on its output', async () => {
  const { credentials } = await withScript('echo credentials not found in native keychain; exit 1');
  expect(await credentials('quay.io')).toBeUndefined();
});

test('a helper that waits is ended, and so is the wait for what it started', async () => {
  const pipes = () => process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;
  const before = pipes();
  const { credentials } = await withScript('sleep 10 & wait', { helperTimeout: 300 });
  await expect(credentials('quay.io')).rejects.toMatchObject({ code: 'helper-timeout' });
  await expect.poll(pipes).toBe(before);
});

test('a helper that never stops to talk is ended', async () => {
  const { credentials } = await withScript('exec yes');
  await expect(credentials('quay.io')).rejects.toMatchObject({
    code: 'helper-answer-invalid',
    message: 'docker-credential-x: its answer is too long',
  });
});

test('a helper is only looked for in absolute folders of the PATH', async () => {
  const folder = await temporaryDirectory();
  await writeHelper(folder, 'x', `echo '{"Username":"ann","Secret":"pw"}'`);
  await mkdir(join(folder, 'first/docker-credential-x'), { recursive: true });
  const from = (PATH: string | undefined) =>
    configured({ credsStore: 'x' }, { variables: { PATH } });
  const relative = folder.slice(1).replace(/^/, '../'.repeat(20));

  for (const path of [undefined, '', '.', relative]) {
    const credentials = await from(path);
    await expect(credentials('quay.io')).rejects.toMatchObject({ code: 'helper-missing' });
  }
  const credentials = await from(`::${folder}/first:${folder}:/bin:/usr/bin`);
  expect(plain(await credentials('quay.io'))).toBe('ann:pw');
});
